"""Which lines are the user's, and how they are written."""

import json
import sysconfig
from pathlib import Path

import pytest

import martlet
from martlet.cli.frames import is_users, last_place, shown, users_places


@pytest.mark.parametrize(
    ("filename", "users"),
    [
        (__file__, True),
        ("<martlet GET />", False),
        (str(martlet.__file__), False),
        (str(json.__file__), False),
        (str(Path(sysconfig.get_path("purelib")) / "x" / "y.py"), False),
    ],
)
def test_whose_a_file_is(filename: str, users: bool) -> None:
    assert is_users(filename) is users


def test_files_are_named_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(str(tmp_path / "a" / "b.py")) == "a/b.py"
    assert shown("/elsewhere/b.py") == "/elsewhere/b.py"


def test_the_innermost_line_is_the_users_where_one_is() -> None:
    with pytest.raises(ValueError, match="Expecting") as caught:
        json.loads("x")
    place = last_place(caught.value)
    assert place is not None
    assert place.text == 'json.loads("x")'
    assert [found.function for found in users_places(caught.value)] == [place.function]


def test_without_a_line_of_the_users_the_innermost_of_all() -> None:
    error = ValueError()
    assert last_place(error) is None
    with pytest.raises(ValueError, match="Expecting") as caught:
        json.loads("x")
    inner = caught.value.__traceback__.tb_next if caught.value.__traceback__ else None
    place = last_place(caught.value.with_traceback(inner))
    assert place is not None
    assert place.function.endswith("raw_decode")
