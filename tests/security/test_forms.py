"""The forms of the password flow: what they hold, and what their fields demand."""

from inspect import signature
from typing import Any, get_type_hints

import fastapi.security as genuine
import pytest

from martlet import security as ours
from martlet.security import utils

FORMS = ["OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict"]
SENT: list[dict[str, Any]] = [
    {"grant_type": "password", "username": "a", "password": "b"},
    {
        "grant_type": "password",
        "username": "a",
        "password": "b",
        "scope": "x  y:z",
        "client_id": "i",
        "client_secret": "s",
    },
]


@pytest.mark.parametrize("sent", SENT)
@pytest.mark.parametrize("name", FORMS)
def test_a_form_holds_what_fastapis_holds(name: str, sent: dict[str, Any]) -> None:
    assert vars(getattr(ours, name)(**sent)) == vars(getattr(genuine, name)(**sent))


@pytest.mark.parametrize("name", FORMS)
def test_its_fields_are_declared_as_fastapis(name: str) -> None:
    mine, theirs = (getattr(module, name).__init__ for module in (ours, genuine))
    assert [(each.name, each.kind, each.default) for each in signature(mine).parameters.values()] == [
        (each.name, each.kind, each.default) for each in signature(theirs).parameters.values()
    ]
    my_hints, their_hints = get_type_hints(mine, include_extras=True), get_type_hints(theirs, include_extras=True)
    for field in set(my_hints) - {"return"}:
        assert my_hints[field].__origin__ == their_hints[field].__origin__
        my_form, their_form = my_hints[field].__metadata__[0], their_hints[field].__metadata__[0]
        assert type(my_form).__name__ == type(their_form).__name__ == "Form"
        assert my_form.json_schema_extra == their_form.json_schema_extra
        assert repr(my_form.metadata) == repr(their_form.metadata)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer abc", "bearer  a b ", " x"])
def test_the_header_is_taken_apart_as_by_fastapi(header: str | None) -> None:
    from fastapi.security.utils import get_authorization_scheme_param as theirs

    assert utils.get_authorization_scheme_param(header) == theirs(header)
