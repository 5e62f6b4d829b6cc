from collections.abc import Mapping
from typing import Any

import pytest
from starlette.convertors import CONVERTOR_TYPES, StringConvertor

from martlet._engine.match.route_map import Foreign, RouteMap
from martlet._engine.match.table import NO_PARAMS, Entry, Matched, Table
from martlet._engine.match.template import Template

GET = frozenset({"GET", "HEAD"})
POST = frozenset({"POST"})


def table(*declared: str | tuple[str, frozenset[str] | None]) -> Table[str]:
    """A Table whose targets are the templates, each with its place: `0 /items`."""
    pairs = [(each, GET) if isinstance(each, str) else each for each in declared]
    return Table([Entry(Template.parse(path), takes, f"{order} {path}") for order, (path, takes) in enumerate(pairs)])


@pytest.mark.parametrize(
    ("path", "target", "params"),
    [
        ("/items", "0 /items", {}),
        ("/items/3", "1 /items/{item_id}", {"item_id": "3"}),
        ("/items/3/parts/4", "2 /items/{item_id}/parts/{part_id}", {"item_id": "3", "part_id": "4"}),
        ("/orders/3", "3 /orders/{order_id:int}", {"order_id": 3}),
        ("/files/a/b.txt", "4 /files/{path:path}", {"path": "a/b.txt"}),
        ("/files/", "4 /files/{path:path}", {"path": ""}),
        ("/docs/index.html", "5 /docs/{name}.{ext}", {"name": "index", "ext": "html"}),
        ("/docs/a.tar.gz", "5 /docs/{name}.{ext}", {"name": "a.tar", "ext": "gz"}),
        ("/repos/a/b/tags/1", "6 /repos/{name:path}/tags/{tag}", {"name": "a/b", "tag": "1"}),
        ("/items/é", "1 /items/{item_id}", {"item_id": "é"}),
    ],
)
def test_it_finds_the_target_and_the_parameters(path: str, target: str, params: dict[str, Any]) -> None:
    found = table(
        "/items",
        "/items/{item_id}",
        "/items/{item_id}/parts/{part_id}",
        "/orders/{order_id:int}",
        "/files/{path:path}",
        "/docs/{name}.{ext}",
        "/repos/{name:path}/tags/{tag}",
    ).find(path, "GET")
    assert found == (target, params)


@pytest.mark.parametrize("path", ["", "/", "items", "/items", "/items/", "/items/3/", "/items//x", "/orders/x", "/x.y"])
def test_it_finds_nothing_where_nothing_matches(path: str) -> None:
    found = table("/items/{item_id}", "/items/{item_id}/x", "/orders/{order_id:int}")
    assert found.find(path, "GET") is None
    assert found.find_partial(path, "GET") is None
    assert not found.matches_any(path)


def test_an_empty_table_finds_nothing() -> None:
    assert table().find("/", "GET") is None


def test_the_first_declared_wins_over_text() -> None:
    assert table("/{name}", "/me").find("/me", "GET") == ("0 /{name}", {"name": "me"})
    assert table("/me", "/{name}").find("/me", "GET") == ("0 /me", {})


def test_the_first_declared_wins_over_a_closer_match() -> None:
    found = table("/{rest:path}", "/items/{item_id}", "/items/{item_id:int}")
    assert found.find("/items/3", "GET") == ("0 /{rest:path}", {"rest": "items/3"})


def test_the_first_that_takes_the_method_wins() -> None:
    found = table(("/items/{a}", GET), ("/items/{b}", POST), ("/items/new", POST))
    assert found.find("/items/new", "POST") == ("1 /items/{b}", {"b": "new"})
    assert found.find("/items/new", "PUT") is None
    assert found.find_partial("/items/new", "PUT") == ("0 /items/{a}", {"a": "new"})
    assert found.find_partial("/items/new", "GET") == ("1 /items/{b}", {"b": "new"})


@pytest.mark.parametrize("every", [None, frozenset[str]()])
def test_an_entry_without_methods_takes_all(every: frozenset[str] | None) -> None:
    found = table(("/items", POST), ("/items", every), ("/items/{a}", POST), ("/items/{a}", every))
    assert found.find("/items", "POST") == ("0 /items", {})
    assert found.find("/items", "GET") == ("1 /items", {})
    assert found.find("/items/3", "POST") == ("2 /items/{a}", {"a": "3"})
    assert found.find("/items/3", "GET") == ("3 /items/{a}", {"a": "3"})
    assert found.find_partial("/items", "QUERY") == ("0 /items", {})


def test_all_matches_come_in_declared_order() -> None:
    found = table(("/{a}", POST), "/x", "/{b:path}", "/{c:int}")
    assert list(found.matches("/x", "GET")) == [
        Matched("0 /{a}", {"a": "x"}, full=False),
        Matched("1 /x", {}, full=True),
        Matched("2 /{b:path}", {"b": "x"}, full=True),
    ]


def test_parameters_without_a_name_are_shared_and_read_only() -> None:
    hit = table("/items").find("/items", "GET")
    assert hit is not None
    assert hit[1] is NO_PARAMS
    with pytest.raises(TypeError):
        hit[1]["x"] = 1  # type: ignore[index]  # pyright: ignore[reportIndexIssue]  # which is what is tested


def test_values_are_made_by_the_convertors() -> None:
    found = table("/{day:date}/{name:upper}/{number:float}/{rest:pair}")
    hit = found.find("/2026-02-01/b/1.5/a/b", "GET")
    assert hit is not None
    assert [str(value) for value in hit[1].values()] == ["2026-02-01", "B", "1.5", "('a', 'b')"]


def test_a_convertor_that_refuses_is_no_match() -> None:
    found = table("/{day:date}", "/{number:even}", "/{name}")
    assert found.find("/2026-02-30", "GET") == ("2 /{name}", {"name": "2026-02-30"})
    assert found.find("/3", "GET") == ("2 /{name}", {"name": "3"})
    assert found.find("/4", "GET") == ("1 /{number:even}", {"number": 4})
    assert table("/{number:even}").find("/3", "GET") is None
    assert not table("/{number:even}").matches_any("/3")


def test_more_digits_than_python_reads_are_no_match() -> None:
    assert table("/{number:int}").find("/" + "9" * 5_000, "GET") is None


def test_another_error_of_a_convertor_is_the_users_to_see(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(StringConvertor):
        def convert(self, value: str) -> str:
            raise LookupError(value)

    monkeypatch.setitem(CONVERTOR_TYPES, "failing", Failing())
    found = table("/{name:failing}", "/me")  # which is not the moment
    with pytest.raises(LookupError, match="you"):
        found.find("/you", "GET")


@pytest.mark.parametrize(
    ("declared", "path", "target", "params"),
    [
        (["/a"], "/a\n", "0 /a", {}),
        (["/{x:int}"], "/1\n", "0 /{x:int}", {"x": 1}),
        (["/{x}"], "/1\n", "0 /{x}", {"x": "1\n"}),
        (["/{x}/b", "/{x}/{y}"], "/1/b\n", "0 /{x}/b", {"x": "1"}),
        (["/{x:path}"], "/a/b\n", "0 /{x:path}", {"x": "a/b"}),
        (["/{x:path}", "/{x}/{y}"], "/a\n/b", "1 /{x}/{y}", {"x": "a\n", "y": "b"}),
    ],
)
def test_a_line_feed_is_what_a_regex_makes_of_it(
    declared: list[str], path: str, target: str, params: dict[str, Any]
) -> None:
    assert table(*declared).find(path, "GET") == (target, params)


def test_a_hostile_path_costs_what_its_length_costs() -> None:
    found = table(*(f"/{{a}}/{{b}}/{'x/' * depth}{{c}}" for depth in range(50)), "/{rest:path}/end")
    assert found.find("/" + "x/" * 20_000, "GET") is None
    assert found.find("/" * 20_000, "GET") is None
    assert found.find("/a" * 20_000 + "/end", "GET") is not None


def test_a_walk_does_not_look_at_the_other_routes() -> None:
    class Watched(dict[str, Any]):
        looked_at = 0

        def get(self, key: str, default: Any = None) -> Any:
            type(self).looked_at += 1
            return super().get(key, default)

    found = table(*(f"/r{number}/{{name}}" for number in range(1_000)))
    nodes = [found._root]
    for node in nodes:
        nodes += node.literals.values()
        node.literals = Watched(node.literals)
    assert found.find("/r999/x", "GET") == ("999 /r999/{name}", {"name": "x"})
    assert Watched.looked_at == 3


def test_foreign_routes_that_cannot_match_are_passed_by() -> None:
    entry = Entry(Template.parse("/items/{item_id}"), GET, "items")
    late = Entry(Template.parse("/files/{name}"), POST, "files")
    mount = Foreign("mount", "/files")
    routes = RouteMap[str, str]([mount, entry, late])
    assert routes.find("/items/3", "GET") == ("items", {"item_id": "3"})
    assert routes.find("/files/x", "GET") is None
    assert list(routes.candidates("/files/x", "GET")) == [mount, Matched("files", {"name": "x"}, full=False)]
    assert routes.find_partial("/files/x", "GET") == ("files", {"name": "x"})
    assert routes.find("/none", "GET") is None
    assert routes.find_partial("/none", "GET") is None
    assert routes.matches_any("/files/x")
    assert not routes.matches_any("/files")
    assert routes.foreign == (mount,)


def test_a_foreign_route_behind_the_entry_is_not_asked() -> None:
    routes = RouteMap[str, str]([Entry(Template.parse("/items"), GET, "items"), Foreign("mount")])
    assert routes.find("/items", "GET") == ("items", {})
    assert routes.find("/other", "GET") is None


def test_a_map_without_foreign_routes_is_its_table() -> None:
    routes: RouteMap[str, object] = RouteMap([Entry(Template.parse("/items"), GET, "items")])
    assert getattr(routes.find, "__func__", None) is Table.find
    assert routes.foreign == ()


def test_an_empty_map_finds_nothing() -> None:
    routes: RouteMap[str, object] = RouteMap([])
    assert routes.find("/", "GET") is None
    assert list(routes.candidates("/", "GET")) == []
    assert not routes.matches_any("/")


def test_parameters_are_mappings() -> None:
    for path in ("/a", "/1"):
        hit = table("/a", "/{x:int}").find(path, "GET")
        assert hit is not None
        assert isinstance(hit[1], Mapping)
