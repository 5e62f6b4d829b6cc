"""What can be asked about a tree of dependencies."""

from collections.abc import AsyncIterator, Iterator
from functools import partial, wraps
from typing import Any

import fastapi.dependencies.models as genuine
import pytest

from martlet._engine.read.dependant import (
    Dependant,
    cache_key,
    flat_body_slots,
    is_security_scheme,
    lifetime,
    oauth_scopes,
    security_scheme,
    uses_scopes,
)
from martlet._engine.read.slot import Slot
from martlet._engine.words.markers import Body
from martlet._engine.words.types import DependencyScope
from martlet.security import APIKeyHeader
from tests.ids import shown


def plain() -> None: ...


def generator() -> Iterator[None]:
    yield


async def async_generator() -> AsyncIterator[None]:
    yield


def body(name: str) -> Slot:
    return Slot(Body(annotation=int), name)


@pytest.mark.parametrize("own", [None, [], ["b"], ["b", "a", "b"]], ids=shown)
@pytest.mark.parametrize("parent", [None, [], ["a"], ["a", "c", "a"]], ids=shown)
def test_scopes_in_force_are_fastapis(parent: list[str] | None, own: list[str] | None) -> None:
    ours = Dependant(parent_oauth_scopes=parent, own_oauth_scopes=own)
    theirs = genuine.Dependant(parent_oauth_scopes=parent, own_oauth_scopes=own)

    assert oauth_scopes(ours) == genuine._get_oauth_scopes(dependant=theirs)
    assert cache_key(ours) == genuine._get_cache_key(dependant=theirs)


def test_asking_for_scopes_changes_none() -> None:
    parent = ["a"]
    oauth_scopes(Dependant(parent_oauth_scopes=parent, own_oauth_scopes=["b"]))

    assert parent == ["a"]


@pytest.mark.parametrize("call", [plain, generator, async_generator, partial(generator), None])
@pytest.mark.parametrize("scope", ["function", "request", None])
def test_a_dependency_lives_as_long_as_in_fastapi(call: Any, scope: DependencyScope | None) -> None:
    theirs = genuine._get_computed_scope(dependant=genuine.Dependant(call=call, scope=scope))

    assert lifetime(Dependant(call=call, scope=scope)) == theirs


def test_a_scheme_is_found_below_partials_and_wrappers() -> None:
    scheme = APIKeyHeader(name="key")

    @wraps(scheme)
    def wrapper() -> None: ...

    for call in (scheme, partial(scheme), wrapper):
        assert is_security_scheme(Dependant(call=call))
        assert security_scheme(Dependant(call=call)) is scheme
    assert not is_security_scheme(Dependant(call=plain))
    assert not is_security_scheme(Dependant())


def test_what_is_no_scheme_is_refused_as_one() -> None:
    with pytest.raises(TypeError, match="is no security scheme"):
        security_scheme(Dependant(call=plain))


@pytest.mark.parametrize(
    "dependant",
    [
        Dependant(call=plain, own_oauth_scopes=["a"]),
        Dependant(call=plain, security_scopes_param_name="scopes"),
        Dependant(call=APIKeyHeader(name="key")),
        Dependant(call=plain, dependencies=[Dependant(call=plain), Dependant(call=APIKeyHeader(name="key"))]),
    ],
)
def test_the_value_may_depend_on_the_scopes_above(dependant: Dependant) -> None:
    dependant.parent_oauth_scopes = ["b", "a"]

    assert uses_scopes(dependant)
    assert cache_key(dependant) == (dependant.call, ("a", "b"), "")


def test_scopes_make_no_difference_to_what_does_not_use_them() -> None:
    dependant = Dependant(call=generator, parent_oauth_scopes=["a"], own_oauth_scopes=[])

    assert not uses_scopes(dependant)
    assert cache_key(dependant) == (generator, (), "request")


def test_answers_for_one_tree_are_kept_on_request() -> None:
    leaf = Dependant(call=plain)
    top = Dependant(call=plain, dependencies=[leaf])
    known: dict[int, bool] = {}

    assert not uses_scopes(top, known)
    leaf.security_scopes_param_name = "scopes"
    assert not uses_scopes(top, known)
    assert uses_scopes(top)


def test_body_slots_of_a_callable_stand_before_those_of_its_dependencies() -> None:
    low = Dependant(body_params=[body("low")])
    middle = Dependant(body_params=[body("middle")], dependencies=[low])
    top = Dependant(body_params=[body("a"), body("b")], dependencies=[middle, Dependant(body_params=[body("last")])])

    assert [slot.name for slot in flat_body_slots(top)] == ["a", "b", "middle", "low", "last"]
