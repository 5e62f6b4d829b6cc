"""What the engine asks of windows that nobody has opened."""

from martlet._engine.words.hooks import Hooks


def test_without_a_window_nothing_was_replaced_and_nobody_watches() -> None:
    hooks = Hooks(ping_interval=lambda: 15.0, patched=str, patched_handler=lambda route: route)
    assert hooks.patched_solve(None, None, None) is None
    assert not hooks.watching
    with hooks.operation("endpoint", print) as nothing:
        assert nothing is None
