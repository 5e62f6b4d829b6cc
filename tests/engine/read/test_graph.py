"""Which calls a request makes, in which order, and which uses share one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from martlet import Body, Depends, Security
from martlet._engine.read.callables import Kind
from martlet._engine.read.dependant import Dependant
from martlet._engine.read.graph import Graph, build_graph
from martlet._engine.read.signature import read_dependant
from martlet.security import SecurityScopes


def graph(endpoint: Callable[..., Any], overrides: Any = None, **said: Any) -> Graph:
    return build_graph(read_dependant("/", endpoint, **said), overrides)


def calls(made: Graph) -> list[str]:
    return [node.call.__name__ for node in made.nodes]


def low(a: int = 1) -> None: ...
async def middle(one: None = Depends(low)) -> None: ...
def high(two: None = Depends(middle), three: None = Depends(low)) -> None: ...


def test_calls_stand_in_the_order_in_which_they_are_made() -> None:
    def endpoint(x: None = Depends(high), y: None = Depends(low)) -> None: ...

    made = graph(endpoint)

    assert calls(made) == ["low", "middle", "high"]
    assert [node.index for node in made.nodes] == [0, 1, 2]
    assert [node.inputs for node in made.nodes] == [(), (("one", 0),), (("two", 1), ("three", 0))]
    assert made.inputs == (("x", 2), ("y", 0))
    assert [node.kind for node in made.nodes] == [Kind.PLAIN, Kind.COROUTINE, Kind.PLAIN]
    assert [each.call for each in made.dependants] == [low, middle, high, endpoint]


def test_dependencies_of_a_decorator_come_first_and_fill_nothing() -> None:
    def endpoint(x: None = Depends(low)) -> None: ...

    made = graph(endpoint, dependencies=[Depends(middle), Depends(high)])

    assert calls(made) == ["low", "middle", "high"]
    assert made.inputs == (("x", 0),)


def test_each_use_is_kept_beside_the_calls() -> None:
    def endpoint(x: None = Depends(high)) -> None: ...

    [use] = graph(endpoint).uses

    assert use.node.call is high
    assert [each.node.call for each in use.uses] == [middle, low]
    assert use.uses[0].uses[0].node is use.uses[1].node


def test_a_use_that_wants_its_own_call_gets_it_and_shares_it_with_nobody() -> None:
    def endpoint(x: None = Depends(low), y: None = Depends(low, use_cache=False), z: None = Depends(low)) -> None: ...

    made = graph(endpoint)

    assert calls(made) == ["low", "low"]
    assert made.inputs == (("x", 0), ("y", 1), ("z", 0))


def test_later_uses_share_the_first_call_even_if_that_wanted_its_own() -> None:
    def endpoint(x: None = Depends(low, use_cache=False), y: None = Depends(low)) -> None: ...

    assert graph(endpoint).inputs == (("x", 0), ("y", 0))


def test_what_a_shared_use_asks_for_is_called_all_the_same() -> None:
    def fresh(one: None = Depends(low, use_cache=False)) -> None: ...
    def endpoint(x: None = Depends(fresh), y: None = Depends(fresh)) -> None: ...

    assert calls(graph(endpoint)) == ["low", "fresh", "low"]


def test_scopes_part_uses_that_look_at_them() -> None:
    def looks(scopes: SecurityScopes) -> None: ...
    def endpoint(
        x: None = Security(looks, scopes=["a"]),
        y: None = Security(looks, scopes=["b"]),
        z: None = Security(looks, scopes=["a"]),
    ) -> None: ...

    made = graph(endpoint)

    assert made.inputs == (("x", 0), ("y", 1), ("z", 0))
    assert [node.key for node in made.nodes] == [(looks, ("a",), ""), (looks, ("b",), "")]


def yields() -> Iterator[None]:
    yield


def test_lifetimes_part_uses() -> None:
    def endpoint(
        x: None = Depends(yields),
        y: None = Depends(yields, scope="function"),
        z: None = Depends(yields, scope="request"),
    ) -> None: ...

    made = graph(endpoint)

    assert [(node.scope, node.yields, node.kind) for node in made.nodes] == [
        ("request", True, Kind.GENERATOR),
        ("function", True, Kind.GENERATOR),
    ]
    assert made.inputs == (("x", 0), ("y", 1), ("z", 0))


class TestOverrides:
    @staticmethod
    def endpoint(x: None = Depends(high), y: None = Depends(low)) -> None: ...

    def test_are_read_in_place_of_what_they_override(self) -> None:
        async def instead(item: int = Body(), other: None = Depends(yields)) -> None: ...

        made = graph(self.endpoint, {low: instead})

        assert calls(made) == ["yields", "instead", "middle", "high"]
        assert [slot.name for slot in made.nodes[1].dependant.body_params] == ["item"]
        assert made.nodes[1].kind is Kind.COROUTINE

    def test_keep_the_key_of_what_they_override(self) -> None:
        made = graph(self.endpoint, {low: yields})

        assert made.nodes[0].key == (low, (), "")
        assert made.nodes[0].call is yields

    def test_keep_how_they_are_used(self) -> None:
        def endpoint(
            x: None = Security(low, scopes=["a"], use_cache=False),
            y: None = Depends(low, scope="function", max_concurrency=3),
        ) -> None: ...
        def instead(scopes: SecurityScopes) -> None: ...

        one, other = graph(endpoint, {low: instead}).nodes

        assert one.dependant.parent_oauth_scopes == ["a"]
        assert not one.dependant.use_cache
        assert one.dependant.name == "x"
        assert other.scope == "function"
        assert other.dependant.concurrency is not None

    def test_of_others_change_nothing(self) -> None:
        assert calls(graph(self.endpoint, {yields: low})) == ["low", "middle", "high"]


def test_a_dependant_that_was_put_in_by_hand_counts() -> None:
    def endpoint() -> None: ...

    root = read_dependant("/", endpoint)
    root.dependencies.append(Dependant(call=low, name="x"))

    assert build_graph(root).inputs == (("x", 0),)


@pytest.mark.parametrize("overrides", [None, {}, {low: yields}])
def test_a_dependant_without_a_callable_is_not_overridden(overrides: Any) -> None:
    root = Dependant(dependencies=[Dependant(name="x")])

    assert build_graph(root, overrides).nodes[0].dependant is root.dependencies[0]
