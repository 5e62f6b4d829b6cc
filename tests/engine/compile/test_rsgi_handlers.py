"""The text of handlers over RSGI, for what differs there from ASGI; that they answer alike is held by other tests."""

from pathlib import Path

import pytest

from tests.engine.compile.cases import CASES
from tests.engine.compile.test_handlers import UPDATING, _handlers, _text

GOLDEN = Path(__file__).parent / "golden_rsgi"
NAMES = ("background_tasks", "cookie", "draft_response", "embedded", "header", "models", "of_limited_size", "query")


@pytest.mark.parametrize("name", NAMES)
def test_the_source_is_golden(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    handlers = [(handler, handler.over_rsgi) for handler in _handlers(case, "direct, RSGI")]
    found = "".join(
        f"\n\n# {' '.join(handler.plan.methods)} {handler.plan.path}: over ASGI\n" if direct is None else _text(direct)
        for handler, direct in handlers
    )
    file = GOLDEN / f"{name}.txt"
    if UPDATING:
        file.write_text(found.lstrip(), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == found.lstrip()


def test_every_file_is_one_of_these() -> None:
    assert sorted(file.stem for file in GOLDEN.iterdir()) == sorted(NAMES)
