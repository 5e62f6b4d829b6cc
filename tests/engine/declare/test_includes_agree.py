"""Trees of routers, drawn at random: both frameworks say the same of every route at the end of them."""

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import HTMLResponse, PlainTextResponse

from tests.engine.declare.frameworks import GENUINE, MARTLET, Framework


def endpoint(item_id: str = "") -> str:
    return item_id


def first(q: int = 0) -> int:
    return q


def second(item_id: str = "") -> str:
    return item_id


def by_name(route: Any) -> str:
    return f"named_{route.name}_{route.path_format}"


def by_tag(route: Any) -> str:
    return f"tagged_{'_'.join(route.tags)}"


DEPENDENCIES = {"first": first, "second": second}
CLASSES = {"html": HTMLResponse, "text": PlainTextResponse}


def maybe(**options: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=options)


paths = st.sampled_from(["/a", "/b/{item_id}", "/{version}"])
shared = {
    "tags": st.lists(st.sampled_from(["x", "y"]), max_size=2),
    "dependencies": st.lists(st.sampled_from(sorted(DEPENDENCIES)), max_size=2),
    "responses": st.dictionaries(st.sampled_from([400, 404]), st.just({"model": int}) | st.just({"description": "d"})),
    "deprecated": st.sampled_from([None, True, False]),
    "include_in_schema": st.booleans(),
    "generate_unique_id_function": st.sampled_from([by_name, by_tag]),
    "max_body_size": st.sampled_from([None, 0, 9]),
}
group = {"default_response_class": st.sampled_from(sorted(CLASSES)), **shared}
route_options = maybe(response_class=st.sampled_from(sorted(CLASSES)), operation_id=st.just("mine"), **shared)
router_options = maybe(strict_content_type=st.booleans(), prefix=st.just("/r"), **group)
include_options = maybe(**group)


@dataclass(frozen=True)
class Tree:
    """A router: its options, its routes, and the routers included in it with the options of the include."""

    options: dict[str, Any]
    routes: list[tuple[str, dict[str, Any]]]
    includes: list[tuple["Tree", str, dict[str, Any]]]


routes = st.lists(st.tuples(paths, route_options), max_size=2)
prefixes = st.sampled_from(["/p", "/{tenant}", "/i/{item_id}"])
trees = st.recursive(
    st.builds(Tree, router_options, routes, st.just([])),
    lambda inner: st.builds(
        Tree, router_options, routes, st.lists(st.tuples(inner, prefixes, include_options), max_size=2)
    ),
    max_leaves=4,
)


def of(framework: Framework, options: dict[str, Any]) -> dict[str, Any]:
    """Return options that name dependencies and classes with the framework's own."""
    made = dict(options)
    if "dependencies" in made:
        made["dependencies"] = [framework.Depends(DEPENDENCIES[name]) for name in made["dependencies"]]
    for name in ("response_class", "default_response_class"):
        if name in made:
            made[name] = CLASSES[made[name]]
    return made


def router_of(framework: Framework, tree: Tree, *, late: bool) -> Any:
    """Return a router; `late` says whether routes are declared after the includes."""
    router = framework.APIRouter(**of(framework, tree.options))

    def declare() -> None:
        for path, options in tree.routes:
            # Two parameters of one name cannot be in one path, which is not what this is about.
            router.get(path.replace("item_id", "own_id"), **of(framework, options))(endpoint)

    if not late:
        declare()
    for inner, prefix, options in tree.includes:
        unique = prefix.replace("tenant", f"t{id(inner)}").replace("item_id", f"i{id(inner)}")
        router.include_router(router_of(framework, inner, late=late), prefix=unique, **of(framework, options))
    if late:
        declare()
    return router


def said(framework: Framework, tree: Tree, *, late: bool) -> list[dict[str, Any]]:
    """Return what every route says once it is part of an app."""
    app = framework.FastAPI(openapi_url=None, dependencies=of(framework, {"dependencies": ["first"]})["dependencies"])
    app.include_router(router_of(framework, tree, late=late), prefix="/{item_id}")
    contexts = framework.module("routing").iter_route_contexts(app.routes)
    return [described(context, app) for context in contexts]


def described(context: Any, app: Any) -> dict[str, Any]:
    plain = ("path", "path_format", "name", "methods", "tags", "responses", "include_in_schema", "max_body_size")
    response_class, strict = context.response_class, context.strict_content_type
    return {
        **{name: getattr(context, name) for name in plain},
        "deprecated": bool(context.deprecated),
        "unique_id": context.unique_id,
        "response_class": getattr(response_class, "value", response_class),
        "strict_content_type": getattr(strict, "value", strict),
        "dependencies": [each.dependency for each in context.dependencies],
        "calls": [each.call for each in context.dependant.dependencies],
        "path_params": [each.name for each in context.dependant.path_params],
        "query_params": [each.name for each in context.dependant.query_params],
        "of_dependencies": [[each.name for each in sub.path_params] for sub in context.dependant.dependencies],
        "response_field": context.response_field.name,
        "response_fields": {code: field.name for code, field in context.response_fields.items()},
        "overrides": context.dependency_overrides_provider is app,
    }


@settings(max_examples=50, deadline=None)  # importing the frameworks counts as well
@given(trees, st.booleans())
def test_what_routes_say(tree: Tree, late: bool) -> None:
    assert said(MARTLET, tree, late=late) == said(GENUINE, tree, late=late)
