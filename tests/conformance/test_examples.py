"""How the apps of FastAPI's documentation are compared."""

from pathlib import Path
from typing import Any

from conformance.examples import apps_of, compare, draw
from conformance.inside.example_answers import FILES, furnish

LOADED: dict[str, Any] = {"app": "app", "openapi": {"openapi": "3.1.0"}, "answers": {"/": [200, "text/plain", "x"]}}
REFUSED = {"error": "ValueError: no\nmore"}


def test_what_agrees_is_counted() -> None:
    compared = compare({"a": LOADED, "b": REFUSED}, {"a": LOADED, "b": {"error": "TypeError: not even here"}})
    assert (compared.apps, compared.loaded, compared.answers, compared.differences) == (2, 1, 1, ())


def test_each_difference_is_told() -> None:
    changed = {**LOADED, "openapi": {}, "answers": {"/": [500, None, ""], "/more": [200, None, ""]}}
    told = compare(
        {"a": LOADED, "b": REFUSED, "c": LOADED, "d": LOADED},
        {"a": changed, "b": LOADED, "c": REFUSED, "d": {**LOADED, "answers": {}}},
    )
    assert told.differences == (
        "a: the documents differ",
        "a: GET /: FastAPI [200, 'text/plain', 'x']; Martlet [500, None, '']",
        "a: GET /more: FastAPI None; Martlet [200, None, '']",
        "b: FastAPI ValueError: no; Martlet loads",
        "c: FastAPI loads; Martlet ValueError: no",
        "d: GET /: FastAPI [200, 'text/plain', 'x']; Martlet None",
    )


def test_some_that_load_are_drawn_the_same_for_a_seed() -> None:
    facts = {"z": REFUSED, **{str(number): LOADED for number in range(50)}}
    assert draw(facts, 40, 7) == draw(facts, 40, 7) != draw(facts, 40, 8)
    assert len(set(draw(facts, 40, 7)) - {"z"}) == 40
    assert sorted(draw(facts, 90, 7)) == sorted(set(facts) - {"z"})


def test_apps_are_the_files_that_make_one(tmp_path: Path) -> None:
    for name, text in {"b/main.py": "app = FastAPI()", "a.py": "app = FastAPI(title='A')", "b/models.py": "x"}.items():
        file = tmp_path / "docs_src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert list(apps_of(tmp_path)) == ["docs_src/a.py", "docs_src/b/main.py"]


def test_a_folder_is_furnished(tmp_path: Path) -> None:
    furnish(tmp_path)
    assert all((tmp_path / name).read_text() == text for name, text in FILES.items())
