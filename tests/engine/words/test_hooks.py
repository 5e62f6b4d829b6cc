"""What the hooks say before a window has registered anything."""

from martlet._engine.words.hooks import Hooks


def test_until_then_nothing_was_replaced_and_nobody_watches() -> None:
    hooks = Hooks(ping_interval=lambda: 15.0, patched=str, patched_handler=lambda route: route)
    assert hooks.patched_solve(None, None, None) is None
    assert not hooks.watching
    with hooks.operation("endpoint", len) as operation:
        assert operation is None
