"""Operation ids."""

from dataclasses import dataclass

import fastapi.utils
import pytest

from martlet._engine.declare.names import generate_unique_id


@dataclass
class Named:
    """As much of a route as an id is made from."""

    name: str
    path_format: str
    methods: set[str] | None


@pytest.mark.parametrize(
    ("name", "path", "methods"),
    [
        ("read_item", "/items/{item_id}", {"GET"}),
        ("read-items", "/", {"POST"}),
        ("ä", "/a.b", {"DELETE"}),
    ],
)
def test_name_path_and_method_as_fastapi_puts_them_together(name: str, path: str, methods: set[str]) -> None:
    route = Named(name, path, methods)
    genuine: object = fastapi.utils.generate_unique_id(route)  # type: ignore[arg-type]  # as much of a route as it reads
    assert generate_unique_id(route) == genuine


def test_of_several_methods_it_is_always_the_same_one() -> None:
    route = Named("f", "/", {"PUT", "GET", "POST"})
    assert generate_unique_id(route) == "f__get"


def test_a_route_for_any_method_has_an_id_too() -> None:
    assert generate_unique_id(Named("f", "/", None)) == "f__"
