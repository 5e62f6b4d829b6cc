"""The Table and the RouteMap answer as a scan of Starlette's regexes does, for whatever templates and paths."""

import re
from collections.abc import Sequence
from itertools import count
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from starlette.routing import compile_path

from martlet._engine.match.route_map import Foreign, RouteMap
from martlet._engine.match.table import Entry, Matched, Table
from martlet._engine.match.template import Parameter, Template

UUID = "0123abcd-0123-4567-89ab-0123456789ab"
METHODS = ("GET", "POST", "QUERY")

# Templates and paths are made of the same few pieces, so that they meet often. `#` becomes a new name.
SEGMENTS = (
    *("", "a", "b", "a.b", "1", "é", "{", "a b", "a\n"),
    *("{#}", "{#}", "{#:int}", "{#:float}", "{#:uuid}", "{#:path}", "{#:date}", "{#:pair}", "{#:upper}", "{#:even}"),
    *("{#}.{#}", "a{#}", "{#}-{#:int}", "{#:float}x", "{#:path}b", "a{#:path}", "{#}{#:path}", "{#:path}{#:path}"),
    *("{#:upper}.b", "x{#:date}"),
)
TEXTS = (
    *("", "a", "b", "ab", "a.b", "é", "{", "a b", "1", "2", "12", "1.5", "1.", "٣", "a-1", "1.5x", "aab", "a.b.c"),
    *("2026-02-01", "2026-02-30", "x2026-02-01", UUID, UUID.replace("-", ""), UUID[:-1], "\n", "a\n", "1\n", "a\nb"),
)

Scanned = tuple[int, dict[str, Any], bool]


def numbered(text: str) -> str:
    numbers = count()
    return re.sub("#", lambda _: f"p{next(numbers)}", text)


templates = st.one_of(
    st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=4).map(lambda parts: numbered("/" + "/".join(parts))),
    st.sampled_from(["", "a", "a/{p}", "{p}", "{p}/a", "A:80"]),
)
methods_taken = st.sampled_from(
    [None, frozenset[str](), frozenset({"GET", "HEAD"}), frozenset({"POST"}), frozenset({"GET"})]
)
routes = st.tuples(templates, methods_taken)
Routed = tuple[str, frozenset[str] | None]


def paths_near(declared: Sequence[Routed | str]) -> st.SearchStrategy[str]:
    """Paths of the same pieces as the templates, half of them made from a template that was declared."""
    near = [st.just(each) if isinstance(each, str) else filled(each[0]) for each in declared]
    return st.one_of(
        st.one_of(*near) if near else st.nothing(),
        st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts)),
        st.lists(st.sampled_from(TEXTS), max_size=3).map("/".join),
        st.text("a/b1.\n-", max_size=8).map(lambda text: "/" + text),
    )


def filled(path: str) -> st.SearchStrategy[str]:
    texts = [
        st.sampled_from(TEXTS) if isinstance(token, Parameter) else st.just(token)
        for token in Template.parse(path).tokens
    ]
    return st.tuples(st.tuples(*texts).map("".join), st.sampled_from(["", "", "", "/", "\n", "/a"])).map("".join)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Routed], str]:
    declared = draw(st.lists(routes, max_size=10))
    return declared, draw(paths_near(declared))


@st.composite
def route_maps(draw: st.DrawFn) -> tuple[list[Routed | str], str]:
    declared = draw(st.lists(st.one_of(routes, st.sampled_from(["", "/", "/a", "/a/b", "/1"])), max_size=10))
    return declared, draw(paths_near(declared))


def entries_of(declared: Sequence[Routed]) -> list[Entry[int]]:
    return [Entry(Template.parse(path), takes, order) for order, (path, takes) in enumerate(declared)]


def scan(entries: Sequence[Entry[int]], path: str, method: str) -> list[Scanned]:
    """What Starlette's Router goes through, route by route: target, parameters, whether the method fits."""
    found = []
    for entry in entries:
        regex, _, convertors = compile_path(entry.template.path)
        match = regex.match(path)
        if match is None:
            continue
        try:
            params = {name: convertors[name].convert(text) for name, text in match.groupdict().items()}
        except ValueError:
            continue
        found.append((entry.target, params, not entry.methods or method in entry.methods))
    return found


@given(tables(), st.sampled_from(METHODS))
@example(([("/{p}", frozenset({"GET"})), ("/a", None)], "/a"), "GET")
@example(([("/a/{p}/b", None), ("/a/{p}/{q}", None)], "/a/1/b\n"), "GET")
@example(([("/a\n", None), ("/a", None)], "/a\n"), "GET")
@example(([("/a", None), ("/a\n", None)], "/a\n"), "GET")
@example(([("/{p:int}", None), ("/{p}", None)], "/1\n"), "GET")
@example(([("", None)], ""), "GET")
def test_a_table_answers_as_a_scan(case: tuple[list[Routed], str], method: str) -> None:
    declared, path = case
    entries = entries_of(declared)
    table = Table(entries)
    scanned = scan(entries, path, method)
    full = next(((target, params) for target, params, fits in scanned if fits), None)
    partial = next(((target, params) for target, params, fits in scanned if not fits), None)

    assert table.find(path, method) == full
    assert table.find_partial(path, method) == partial
    assert table.matches_any(path) is bool(scanned)
    assert [(each.target, dict(each.params), each.full) for each in table.matches(path, method)] == scanned


@given(route_maps(), st.sampled_from(METHODS))
def test_a_route_map_keeps_everyone_in_place(case: tuple[list[Routed | str], str], method: str) -> None:
    declared, path = case
    mixed: list[Entry[int] | Foreign[int]] = []
    expected: list[Matched[int] | Foreign[int]] = []
    for order, item in enumerate(declared):
        if isinstance(item, str):
            foreign = Foreign(order, item)
            mixed.append(foreign)
            expected += [foreign] if path.startswith(item) else []
        else:
            entry = Entry(Template.parse(item[0]), item[1], order)
            mixed.append(entry)
            expected += [Matched(target, params, fits) for target, params, fits in scan([entry], path, method)]
    route_map = RouteMap(mixed)

    assert list(route_map.candidates(path, method)) == expected
    assert route_map.foreign == tuple(each for each in mixed if isinstance(each, Foreign))
    own = [each for each in expected if isinstance(each, Matched)]
    partial = next(((each.target, each.params) for each in own if not each.full), None)
    assert route_map.find_partial(path, method) == partial
    assert route_map.matches_any(path) is bool(own)
    # `find` is silent where someone must be asked before the answer.
    asked = next((each for each in expected if isinstance(each, Foreign) or each.full), None)
    answer = None if asked is None or isinstance(asked, Foreign) else (asked.target, asked.params)
    assert route_map.find(path, method) == answer
