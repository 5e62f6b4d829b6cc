"""What `fastapi.dependencies.utils` offers: reading signatures, and solving them for a request.

Packages call these to add dependencies of their own to a route, or to resolve a signature outside one.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from inspect import Signature
from typing import Any

from pydantic import AliasChoices as AliasChoices
from pydantic import AliasPath as AliasPath
from pydantic import BaseModel as BaseModel
from pydantic import BeforeValidator as BeforeValidator
from pydantic import ConfigDict as ConfigDict
from pydantic import Json as Json
from pydantic.fields import FieldInfo as FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_core import PydanticUndefined as Undefined
from starlette.background import BackgroundTasks
from starlette.background import BackgroundTasks as StarletteBackgroundTasks
from starlette.concurrency import run_in_threadpool as run_in_threadpool
from starlette.datastructures import FormData as FormData
from starlette.datastructures import Headers as Headers
from starlette.datastructures import ImmutableMultiDict as ImmutableMultiDict
from starlette.datastructures import QueryParams as QueryParams
from starlette.datastructures import UploadFile as UploadFile
from starlette.requests import HTTPConnection as HTTPConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from martlet._engine.read.annotations import is_subclass as lenient_issubclass
from martlet._engine.read.annotations import stream_item as get_stream_item_type
from martlet._engine.read.body import BodyPlan
from martlet._engine.read.body import embeds as _should_embed_body_fields
from martlet._engine.read.callables import evaluated as get_typed_annotation
from martlet._engine.read.callables import parameters_of
from martlet._engine.read.callables import return_annotation as get_typed_return_annotation
from martlet._engine.read.dependant import Dependant, cache_key
from martlet._engine.read.dependant import flat_body_slots as _get_flat_body_params
from martlet._engine.read.forms import NOT_INSTALLED as multipart_not_installed_error
from martlet._engine.read.forms import WRONG_INSTALLED as multipart_incorrect_install_error
from martlet._engine.read.forms import check_multipart_installed as ensure_multipart_is_installed
from martlet._engine.read.forms import form_as_fields as _normalize_form_model
from martlet._engine.read.forms import form_models as _get_form_models
from martlet._engine.read.graph import build_graph
from martlet._engine.read.lookup import form_items as _extract_form_items
from martlet._engine.read.lookup import value_under as _get_multidict_value
from martlet._engine.read.signature import read_depends, read_into
from martlet._engine.read.slot import Slot, expanded, wire_names
from martlet._engine.read.slot import Slot as ModelField
from martlet._engine.run.exits import FUNCTION_STACK, REQUEST_STACK, Exits
from martlet._engine.run.forms import form_values
from martlet._engine.run.forms import is_sent as _is_form_model_supplied
from martlet._engine.run.forms import read_file as _read_file_bytes
from martlet._engine.run.inputs import from_body, from_carried
from martlet._engine.run.solve import Solving, response_draft
from martlet._engine.words.errors import FastAPIError
from martlet._engine.words.lending import lend
from martlet._engine.words.markers import Depends
from martlet._engine.words.types import DependencyCacheKey, DependencyScope
from martlet.concurrency import DependencyConcurrency
from martlet.concurrency import DependencyConcurrency as _DependencyConcurrency
from martlet.concurrency import contextmanager_in_threadpool as contextmanager_in_threadpool
from martlet.dependencies.models import _get_cache_key as _get_cache_key
from martlet.dependencies.models import _get_computed_scope as _get_computed_scope
from martlet.dependencies.models import _get_oauth_scopes as _get_oauth_scopes
from martlet.dependencies.models import _is_async_gen_callable as _is_async_gen_callable
from martlet.dependencies.models import _is_coroutine_callable as _is_coroutine_callable
from martlet.dependencies.models import _is_gen_callable as _is_gen_callable
from martlet.exceptions import DependencyScopeError as DependencyScopeError
from martlet.logger import logger as logger
from martlet.utils import create_model_field as create_model_field
from martlet.utils import get_path_param_names as get_path_param_names


def get_typed_signature(call: Callable[..., Any]) -> Signature:
    """Return the signature of a callable with its annotations evaluated."""
    return Signature(parameters_of(call))


def get_dependant(
    *,
    path: str,
    call: Callable[..., Any],
    name: str | None = None,
    own_oauth_scopes: list[str] | None = None,
    parent_oauth_scopes: list[str] | None = None,
    use_cache: bool = True,
    scope: DependencyScope | None = None,
    concurrency: DependencyConcurrency | None = None,
) -> Dependant:
    """Read a callable and all that it depends on.

    Args:
        path: the path template without converters; its names are path parameters.
        call: the callable.
        name: the parameter that it fills in the one above it.
        own_oauth_scopes: scopes that this use of it asks for.
        parent_oauth_scopes: scopes asked for above it.
        use_cache: whether one request calls it once at most.
        scope: when its part behind a `yield` runs.
        concurrency: how many requests may be inside it at once.

    Raises:
        DeclarationError: its signature cannot be read from a request.
    """
    use = Dependant(
        call=call,
        name=name,
        path=path,
        own_oauth_scopes=own_oauth_scopes,
        parent_oauth_scopes=parent_oauth_scopes,
        use_cache=use_cache,
        scope=scope,
        concurrency=concurrency,
    )
    return read_into(use)


def get_parameterless_sub_dependant(*, depends: Depends, path: str) -> Dependant:
    """Read a dependency that fills no parameter."""
    return read_depends(path, depends)


def get_flat_params(dependant: Dependant) -> list[Slot]:
    """Return every path, query, header and cookie slot of a tree, models replaced by their fields."""
    seen: list[DependencyCacheKey] = []  # no set: a callable need not be hashable
    known: dict[int, bool] = {}
    distinct: list[Dependant] = []
    waiting = [dependant]
    while waiting:
        each = waiting.pop()
        key = cache_key(each, known)
        if key not in seen:
            seen.append(key)
            distinct.append(each)
            waiting.extend(reversed(each.dependencies))
    lists = ("path_params", "query_params", "header_params", "cookie_params")
    return [slot for name in lists for each in distinct for slot in expanded(getattr(each, name))]


def _get_body_field(*, body_params: Sequence[Slot], name: str, embed_body_fields: bool) -> Slot | None:
    """Return the slot that describes a body; None where nothing is read from it."""
    if not body_params:
        return None
    return BodyPlan(tuple(body_params), embed_body_fields, name, strict_content_type=True).field


class NoExitStackError(FastAPIError, AssertionError):
    """A request's scope has nowhere to note what runs after the endpoint."""


@dataclass
class SolvedDependency:
    """What a signature's values are for one request.

    Args:
        values: by parameter name.
        errors: what is wrong with the request; where there is something, the values are not complete.
        background_tasks: the tasks that dependencies have added.
        response: what dependencies have written into a response.
        dependency_cache: the values of dependencies, for a later call of `solve_dependencies`.
    """

    values: dict[str, Any]
    errors: list[Any]
    background_tasks: BackgroundTasks | None
    response: Response
    dependency_cache: dict[DependencyCacheKey, Any]


async def solve_dependencies(
    *,
    request: Request | WebSocket,
    dependant: Dependant,
    body: Any = PydanticUndefined,
    background_tasks: BackgroundTasks | None = None,
    response: Response | None = None,
    dependency_overrides_provider: Any = None,
    dependency_cache: dict[DependencyCacheKey, Any] | None = None,
    async_exit_stack: AsyncExitStack,  # noqa: ARG001 - COMPAT: FastAPI asks for it, and does not use it either
    embed_body_fields: bool,
) -> SolvedDependency:
    """Solve a signature for a request: call its dependencies, validate its values, and collect what is wrong.

    Args:
        request: the request; its scope holds the two exit stacks.
        dependant: the signature.
        body: the parsed body, or a form.
        background_tasks: tasks that others have added.
        response: the draft that others have written into.
        dependency_overrides_provider: the app whose overrides count.
        dependency_cache: values of dependencies that were called before.
        async_exit_stack: not used; the stacks are taken from the scope.
        embed_body_fields: whether each body slot is a key of the body.

    Raises:
        NoExitStackError: the scope does not hold the stacks.
    """
    for stack in (REQUEST_STACK, FUNCTION_STACK):
        if not isinstance(request.scope.get(stack), AsyncExitStack):
            raise NoExitStackError(
                f"{stack} not found in request scope\n  Call this while a route of the app handles the request, or put "
                "an AsyncExitStack there that is closed afterwards."
            )
    overrides = getattr(dependency_overrides_provider, "dependency_overrides", None) or {}
    graph = build_graph(dependant, overrides)
    cache = {} if dependency_cache is None else dependency_cache
    solving = Solving(
        request,
        Exits(request.scope, opened=True),
        body=body,
        embed=embed_body_fields,
        background=background_tasks,
        response=response if response is not None else response_draft(),
        known={node.index: cache[node.key] for node in graph.nodes if node.dependant.use_cache and node.key in cache},
    )
    values = await solving.arguments(graph)
    for node in graph.nodes:
        if node.index in solving.known:
            cache.setdefault(node.key, solving.known[node.index])
    draft = solving.response if solving.response is not None else response_draft()
    return SolvedDependency(values, solving.errors, solving.background, draft, cache)


def request_params_to_args(
    fields: Sequence[Slot], received_params: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Any]]:
    """Return the values that a query, headers or cookies hold for the fields, and the errors."""
    return from_carried(fields, received_params)


async def request_body_to_args(
    body_fields: list[Slot], received_body: Any, embed_body_fields: bool
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the values that a body holds for the fields, and the errors."""
    return await from_body(body_fields, received_body, embed=embed_body_fields)


# COMPAT: Cadwyn reads forms as FastAPI does, by these, to hand them on to an app's newer version.


def get_validation_alias(field: Slot) -> str:
    """Return the first name under which a field's value is looked for."""
    return field.wire_alias


def _get_param_aliases(field: Slot, *, convert_underscores: bool = False) -> list[tuple[str, str]]:
    """Return the names a value may come under, as pairs (name for the validator, name in the request)."""
    return wire_names(field, hyphens=convert_underscores)


async def _extract_form_body(
    body_fields: Iterable[Slot], received_body: FormData
) -> AsyncIterator[tuple[str, Any, Slot | None]]:
    """Yield name, value and field of all that a form holds, files read where bytes are wanted."""
    for held in await form_values(body_fields, received_body):
        yield held


__all__ = [
    "AliasChoices",
    "AliasPath",
    "BaseModel",
    "BeforeValidator",
    "ConfigDict",
    "Dependant",
    "DependencyScopeError",
    "FieldInfo",
    "FormData",
    "HTTPConnection",
    "Headers",
    "ImmutableMultiDict",
    "Json",
    "ModelField",
    "QueryParams",
    "SolvedDependency",
    "StarletteBackgroundTasks",
    "Undefined",
    "UploadFile",
    "_DependencyConcurrency",
    "_extract_form_body",
    "_extract_form_items",
    "_get_body_field",
    "_get_cache_key",
    "_get_computed_scope",
    "_get_flat_body_params",
    "_get_form_models",
    "_get_multidict_value",
    "_get_oauth_scopes",
    "_get_param_aliases",
    "_is_async_gen_callable",
    "_is_coroutine_callable",
    "_is_form_model_supplied",
    "_is_gen_callable",
    "_normalize_form_model",
    "_read_file_bytes",
    "_should_embed_body_fields",
    "contextmanager_in_threadpool",
    "create_model_field",
    "ensure_multipart_is_installed",
    "get_dependant",
    "get_flat_params",
    "get_parameterless_sub_dependant",
    "get_path_param_names",
    "get_stream_item_type",
    "get_typed_annotation",
    "get_typed_return_annotation",
    "get_typed_signature",
    "get_validation_alias",
    "lenient_issubclass",
    "logger",
    "multipart_incorrect_install_error",
    "multipart_not_installed_error",
    "request_body_to_args",
    "request_params_to_args",
    "run_in_threadpool",
    "solve_dependencies",
]

lend(
    __name__,
    {
        "params": "martlet.params",
        "SecurityScopes": "martlet.security.oauth2:",
        "field_annotation_is_scalar": "martlet._compat.shared:",
        "field_annotation_is_scalar_sequence": "martlet._compat.shared:",
        "field_annotation_is_sequence": "martlet._compat.shared:",
        "is_bytes_or_nonable_bytes_annotation": "martlet._compat.shared:",
        "is_bytes_sequence_annotation": "martlet._compat.shared:",
        "is_uploadfile_or_nonable_uploadfile_annotation": "martlet._compat.shared:",
        "is_uploadfile_sequence_annotation": "martlet._compat.shared:",
        "sequence_types": "martlet._compat.shared:",
        "value_is_sequence": "martlet._compat.shared:",
        "RequiredParam": "martlet._compat.v2:",
        "copy_field_info": "martlet._compat.v2:",
        "create_body_model": "martlet._compat.v2:",
        "evaluate_forwardref": "martlet._compat.v2:",
        "get_cached_model_fields": "martlet._compat.v2:",
        "get_missing_field_error": "martlet._compat.v2:",
        "is_scalar_field": "martlet._compat.v2:",
        "serialize_sequence_value": "martlet._compat.v2:",
    },
)
