"""Extraction: the raw values, taken from where they stand in the request and put under the keys of the validator."""

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request

from martlet._engine.compile.dialects.asgi import ASGI
from martlet._engine.compile.dialects.dialect import Dialect
from martlet._engine.compile.recipe import Recipe
from martlet._engine.compile.source import Source
from martlet._engine.run.body import body_of
from martlet._engine.run.headers import is_json
from martlet._engine.run.inputs import all_cookies, holds_blank, put_model
from martlet._engine.run.limits import limited, too_large
from martlet._engine.run.query import query_lists, query_values
from martlet._engine.run.rsgi_calls import is_larger, read_within
from martlet._engine.run.rsgi_calls import too_large as rsgi_too_large
from martlet._engine.run.send import publish_route


def publish(source: Source, recipe: Recipe) -> None:
    """Name the route in the scope, for those who look there."""
    setting = recipe.setting
    endpoint = recipe.plan.endpoint
    names = (
        source.bind("router", setting.router),
        source.bind("route", setting.route),
        source.bind_callable(endpoint, endpoint, "endpoint"),
    )
    source.line(f"{source.bind('publish_route', publish_route)}(scope, {', '.join(names)}, path)")


def limit(source: Source, recipe: Recipe, max_body_size: int) -> None:
    """Refuse a body that is too large, or hold it to its limit while it is read."""
    if recipe.dialect is not ASGI:
        with source.block(f"if {source.bind('is_larger', is_larger)}(scope.headers, {max_body_size:d}):"):
            refuse = source.bind("too_large", rsgi_too_large)
            source.line(f"return await {refuse}({recipe.dialect.connection})")
        return
    source.line(f"receive = {source.bind('limited', limited)}(scope, receive, {max_body_size:d})")
    with source.block("if receive is None:"):
        source.line(f"return await {source.bind('too_large', too_large)}(scope, receive, send)")


def open_request(source: Source) -> None:
    """Make the Request that someone asks for."""
    source.bind("Request", Request)
    source.line("request = Request(scope, receive, send)")


def read(source: Source, recipe: Recipe, dialect: Dialect) -> None:
    """Read the body; through the Request if there is one, so that users can read it there as well."""
    if recipe.request:
        source.line(f"body = await {source.bind('body_of', body_of)}(request)")
    else:
        limit = recipe.setting.max_body_size
        if dialect is ASGI or limit is None:
            source.bind("read_body", dialect.reader)
            source.line(f"body = {dialect.read_body}")
        else:
            read_it = source.bind("read_within", read_within)
            source.line(f"body = await {read_it}(proto, scope, {limit:d})")


def body_is_other(source: Source, dialect: Dialect, *, strict: bool) -> str:
    """Return the condition under which the body is not surely JSON."""
    kind = dialect.content_type
    known = source.bind("is_json", is_json)
    if strict:
        return f"not (body and {known}({kind}))"
    source.line(f"kind = {kind}")
    return f"not body or (kind and not {known}(kind))"


def gather(source: Source, recipe: Recipe, dialect: Dialect) -> None:
    """Put the raw parameters together in `carried`, part by part."""
    parts = [f'"{part}": {_part(source, recipe, dialect, part)}' for part in recipe.parts]
    source.listing("carried = {", parts, "}")
    for value in recipe.models:
        part, key = value.places[0]
        # The key is made of a parameter's name, which is an identifier.
        arguments = f'carried["{part}"], "{key}", {source.bind("model_slot", value.slot)}'
        source.line(f"{source.bind('put_model', put_model)}({arguments}, {_mapping(source, dialect, part)})")


def is_blank(source: Source, recipe: Recipe) -> str:
    """Return the condition under which a sequence came as an empty text, which the careful way takes for missing."""
    return f"{source.bind('holds_blank', holds_blank)}(carried, {source.bind('texts', recipe.texts)})"


def _part(source: Source, recipe: Recipe, dialect: Dialect, part: str) -> str:
    values = [value for value in recipe.parameters if value.places[0][0] == part and value.slot.model is None]
    if part == "path":
        return '{**scope.get("path_params", {}), **path}' if recipe.path_from_mount else "path"
    if not values:
        return "{}"
    many = frozenset(place[1] for value in values for place in value.places if value.is_list)
    if part == "query":
        if many:
            lists = source.bind("query_lists", query_lists)
            return f"{lists}({dialect.query}, {source.bind('list_names', many)})"
        return f"{source.bind('query_values', query_values)}({dialect.query})"
    names = [place[1] for value in values for place in value.places]
    if part == "cookie":
        wanted = source.bind("cookie_names", {name: name for name in names})
        return f"{source.bind('cookie_values', dialect.cookie_values)}({dialect.headers}, {wanted})"
    wanted = source.bind("header_names", {dialect.header_name(name): name for name in names})
    several = f", {source.bind('list_headers', many)}" if many else ""
    return f"{source.bind('header_values', dialect.header_values)}({dialect.headers}, {wanted}{several})"


def _mapping(source: Source, dialect: Dialect, part: str) -> str:
    """Return the text that makes Starlette's mapping of a part, which a parameter model is collected from."""
    if part == "query":
        return f"{source.bind('QueryParams', QueryParams)}({dialect.query})"
    headers = f"{source.bind('Headers', Headers)}(raw={dialect.raw_headers})"
    return headers if part == "header" else f"{source.bind('all_cookies', all_cookies)}({dialect.raw_headers})"
