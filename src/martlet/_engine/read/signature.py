"""Reading a signature: each parameter becomes a Slot, a dependency or something injected.

`read_dependant` reads a callable and, through its dependencies, everything under it. What cannot work is refused here,
when the route is declared, with the callable's file and line. The rules are FastAPI's: a marker (`Query(...)`,
`Depends(...)`) in `Annotated` or as the default decides; without one, a name in the path template is a path parameter,
a file type is a file, a structured type is the body, and anything else is a query parameter.
"""

import inspect
import re
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import AliasChoices, PydanticSchemaGenerationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from starlette.background import BackgroundTasks
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from typing_inspection.typing_objects import is_typealiastype

from martlet._engine.read.annotations import (
    bare,
    is_scalar,
    is_scalar_sequence,
    is_upload,
    is_upload_sequence,
    mentions_pydantic_v1,
    optional_model,
)
from martlet._engine.read.callables import is_generator, parameters_of
from martlet._engine.read.dependant import Dependant, lifetime
from martlet._engine.read.forms import check_multipart_installed, form_union_models, with_form_union_validators
from martlet._engine.read.slot import Mode, Slot
from martlet._engine.words.errors import (
    DependencyScopeError,
    InvalidFieldTypeError,
    InvalidParameterError,
    PydanticV1NotSupportedError,
    locate,
)
from martlet._engine.words.markers import (
    Body,
    Depends,
    File,
    Form,
    Param,
    ParamTypes,
    Path,
    Query,
    Security,
)
from martlet._engine.words.types import DependencyScope
from martlet.security.base import SecurityScopes

# A type that is injected, as its subclasses are, and the Dependant's field that takes the parameter's name.
_INJECTED: Final[dict[type[Any], str]] = {
    Request: "request_param_name",
    WebSocket: "websocket_param_name",
    HTTPConnection: "http_connection_param_name",
    Response: "response_param_name",
    BackgroundTasks: "background_tasks_param_name",
    SecurityScopes: "security_scopes_param_name",
}

_LISTS: Final = {
    ParamTypes.path: "path_params",
    ParamTypes.query: "query_params",
    ParamTypes.header: "header_params",
    ParamTypes.cookie: "cookie_params",
}

_FIELD_TYPE_ADVICE: Final = (
    "Invalid args for response field! Hint: check that {type_} is a valid Pydantic field type. "
    "If you are using a return type annotation that is not a valid Pydantic field (e.g. Union[Response, dict, None]) "
    "you can disable generating the response model from the type annotation with the path operation decorator "
    "parameter response_model=None. Read more: https://fastapi.tiangolo.com/tutorial/response-model/"
)


def path_names(path: str) -> set[str]:
    """Return the names in braces of a path template."""
    return set(re.findall("{(.*?)}", path))


def read_dependant(
    path: str,
    call: Callable[..., Any],
    *,
    dependencies: Sequence[Depends] = (),
    scope: DependencyScope | None = None,
) -> Dependant:
    """Read an endpoint, with the dependencies that its route and routers add in front of its own.

    Args:
        path: the template without converters.
        call: the endpoint.
        dependencies: those of the decorator and the routers, outermost first.
        scope: the endpoint's own lifetime, "function" for HTTP and WebSocket endpoints.

    Raises:
        InvalidParameterError: a parameter cannot be read from a request as it is declared.
        InvalidFieldTypeError: pydantic has no schema for a parameter's type.
        DependencyScopeError: a dependency would outlive one that it uses.
    """
    dependant = read_into(Dependant(call=call, path=path, scope=scope))
    dependant.dependencies[:0] = [read_depends(path, depends) for depends in dependencies]
    return dependant


def read_depends(path: str, depends: Depends) -> Dependant:
    """Read a dependency that fills no parameter, from a decorator, router or app.

    COMPAT: its `use_cache` counts for nothing, as in FastAPI: it is called once.
    """
    use = Dependant(
        call=called_by(depends),
        path=path,
        own_oauth_scopes=_own_scopes(depends),
        scope=depends.scope,
        concurrency=depends.concurrency,
    )
    return read_into(use)


def called_by(depends: Depends, *, where: Callable[[], str] = str) -> Callable[..., Any]:
    """Return what a dependency that fills no parameter calls.

    Args:
        depends: what stands in `dependencies`.
        where: returns file and line of those `dependencies`, for an error; nothing where they are not known.

    Raises:
        InvalidParameterError: it is no `Depends()`, or one without anything to call.
    """
    if not hasattr(depends, "dependency"):
        name = getattr(depends, "__name__", "...")
        raise InvalidParameterError(
            f"What stands in `dependencies` has to be a Depends(), and {depends!r} is none",
            advice=f"Write Depends({name}).",
            location=where(),
        )
    if not callable(depends.dependency):
        raise InvalidParameterError(
            "A parameter-less dependency must have a callable dependency",
            advice=f"Give Depends() the function to call, not {depends.dependency!r}.",
            location=where(),
        )
    return depends.dependency


def read_into(use: Dependant) -> Dependant:
    """Read the signature of `use.call`, and through its dependencies all that is under it, into `use`.

    Args:
        use: one use of a callable: what is said of it from outside, and nothing of its signature yet.
    """
    call, path = use.call, use.path or ""
    if call is None:
        raise TypeError("a Dependant without a callable has no signature")
    in_path = path_names(path)
    for parameter in _parameters_of(call):
        name = parameter.name
        try:
            asked = read_parameter(name, parameter.annotation, parameter.default, in_path)
        except (InvalidParameterError, InvalidFieldTypeError) as refused:
            where = "" if repr(name) in refused.message else f"The parameter is {name!r}."
            advice = refused.advice or where
            raise type(refused)(refused.message, advice=advice, endpoint=call) from None
        if isinstance(asked, Depends):
            use.dependencies.append(_read_sub_dependency(use, name, asked))
        elif isinstance(asked, Slot):
            _slots_beside(use, asked).append(asked)
        else:
            setattr(use, asked, name)
    return use


def _parameters_of(call: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return parameters_of(call)
    except ValueError as error:  # what inspect raises where it finds no signature
        raise InvalidParameterError(
            f"The signature of {call!r} cannot be read",
            advice=f"Put a function around it that declares its parameters: {error}.",
        ) from error


def _slots_beside(dependant: Dependant, slot: Slot) -> list[Slot]:
    """Return the list of a Dependant's slots into which a slot belongs."""
    info = slot.field_info
    if isinstance(info, Body):
        return dependant.body_params
    slots: list[Slot] = getattr(dependant, _LISTS[info.in_])  # type: ignore[attr-defined]  # `_slot` let no other in
    return slots


def _read_sub_dependency(above: Dependant, name: str, depends: Depends) -> Dependant:
    call: Any = depends.dependency
    if not callable(call) or call is Any:
        raise InvalidParameterError(
            f"Depends() of parameter {name!r} has nothing to call",
            advice=f"Give it a function, or annotate the parameter with a class: {call!r} cannot be called.",
            endpoint=above.call,
        )
    if depends.scope == "function" and is_generator(above.call) and lifetime(above) == "request":
        raise DependencyScopeError(_outlives(above.call, name))
    use = Dependant(
        call=call,
        name=name,
        path=above.path,
        own_oauth_scopes=_own_scopes(depends),
        parent_oauth_scopes=[*(above.parent_oauth_scopes or ()), *(above.own_oauth_scopes or ())],
        use_cache=depends.use_cache,
        scope=depends.scope,
        concurrency=depends.concurrency,
    )
    return read_into(use)


def _outlives(outer: Any, name: str) -> str:
    """Return what is wrong with a dependency that uses one which ends before it does."""
    return (
        f'The dependency "{getattr(outer, "__name__", "<unnamed_callable>")}" has a scope of "request", '
        'it cannot depend on dependencies with scope "function".\n'
        f"  It would outlive its {name!r}: give both the same scope.\n  {locate(outer)}"
    )


def _own_scopes(depends: Depends) -> list[str]:
    return list(depends.scopes or ()) if isinstance(depends, Security) else []


def read_parameter(name: str, annotation: Any, default: Any, in_path: set[str]) -> Depends | Slot | str:
    """Read one parameter.

    Args:
        name: its name.
        annotation: its evaluated annotation, `inspect.Parameter.empty` where there is none.
        default: its default, `inspect.Parameter.empty` where there is none.
        in_path: the names in the path template.

    Returns:
        What it asks for: a dependency, a value from the request, or an object that is injected; of the latter, the
        field of Dependant that takes the parameter's name.
    """
    if is_typealiastype(annotation):
        annotation = annotation.__value__
    declared = Any if annotation is inspect.Parameter.empty else annotation
    type_ = bare(declared)
    marker = _marker(name, declared, type_, default, is_path=name in in_path)
    if isinstance(marker, Depends):
        return marker if marker.dependency is not None else replace(marker, dependency=type_)
    bases = type_.__mro__ if isinstance(type_, type) else ()
    injected = next((_INJECTED[base] for base in bases if base in _INJECTED), None)
    if injected is None:
        info = marker or _inferred(declared, type_, default, is_path=name in in_path)
        return _slot(name, declared, info, in_path)
    if marker is not None:
        raise InvalidParameterError(
            f"Cannot specify FastAPI annotation for type {type_!r}",
            advice=f"{name!r} is filled by the framework: take the marker away.",
        )
    return injected


def _marker(name: str, declared: Any, type_: Any, default: Any, *, is_path: bool) -> FieldInfo | Depends | None:
    """Return the marker in force, a copy that belongs to this parameter alone; None where there is none."""
    markers = [each for each in get_args(declared)[1:] if isinstance(each, (Param, Body, Depends))]
    annotated = markers[-1] if get_origin(declared) is Annotated and markers else None
    if isinstance(default, Depends):
        if isinstance(annotated, Depends):
            raise InvalidParameterError(
                f"Cannot specify `Depends` in `Annotated` and default value together for {name!r}",
                advice="Keep one of the two.",
            )
        if annotated is not None:
            raise InvalidParameterError(
                "Cannot specify a FastAPI annotation in `Annotated` and `Depends` as a default value together "
                f"for {name!r}",
                advice="A parameter is either a dependency or a value from the request.",
            )
        return default
    if isinstance(default, FieldInfo) and not isinstance(annotated, Depends):
        if annotated is not None:
            raise InvalidParameterError(
                f"Cannot specify FastAPI annotations in `Annotated` and default value together for {name!r}",
                advice="Keep the one in `Annotated`, and give a plain default value.",
            )
        info = copy(default)
        info.annotation = type_
        return info
    if annotated is None or isinstance(annotated, Depends):
        return annotated
    return _merged(name, declared, annotated, default, is_path=is_path)


def _merged(name: str, declared: Any, marker: FieldInfo, default: Any, *, is_path: bool) -> FieldInfo:
    """Return a copy of a marker in `Annotated` with what stands beside it there, and with the signature's default."""
    info = with_annotated(marker, declared)
    if info.default is not PydanticUndefined:
        raise InvalidParameterError(
            f"`{type(info).__name__}` default value cannot be set in `Annotated` for {name!r}. "
            "Set the default value with `=` instead."
        )
    if default is inspect.Parameter.empty:
        info.default = PydanticUndefined
        return info
    if is_path:
        raise InvalidParameterError(
            "Path parameters cannot have default values", advice=f"Take the default of {name!r} away."
        )
    info.default = default
    return info


# What pydantic merges when several of a field's descriptions stand in one `Annotated`.
_MERGED: Final = (
    "default",
    "default_factory",
    "alias",
    "alias_priority",
    "validation_alias",
    "serialization_alias",
    "title",
    "field_title_generator",
    "description",
    "examples",
    "exclude",
    "exclude_if",
    "discriminator",
    "deprecated",
    "json_schema_extra",
    "frozen",
    "validate_default",
    "repr",
    "init",
    "init_var",
    "kw_only",
)


def with_annotated(marker: FieldInfo, declared: Any) -> FieldInfo:
    """Return a copy of `marker` with all that `Annotated` says: pydantic merges what stands there."""
    merged = type(marker).from_annotation(declared)
    info = copy(marker)
    for attribute in _MERGED:
        setattr(info, attribute, getattr(merged, attribute))
    info._attributes_set = dict(merged._attributes_set)
    info.metadata = merged.metadata
    info.annotation = merged.annotation
    return info


def _inferred(declared: Any, type_: Any, default: Any, *, is_path: bool) -> FieldInfo:
    """Return the marker that a parameter without one gets."""
    given = PydanticUndefined if default is inspect.Parameter.empty else default
    info: FieldInfo
    if is_path:
        info = Path(annotation=declared)
    elif is_upload(type_) or is_upload_sequence(type_):
        info = File(default=given, annotation=declared)
    elif not is_scalar(type_):
        info = Body(default=given, annotation=declared)
    else:
        info = Query(default=given, annotation=declared)
    if get_origin(declared) is Annotated:
        chosen = info.default
        info = with_annotated(info, declared)
        info.default = chosen
        if is_path:
            info.default_factory = None
    return info


def _slot(name: str, declared: Any, info: FieldInfo, in_path: set[str]) -> Slot:
    """Return the slot of a parameter, once its marker fits where it comes from."""
    is_path = name in in_path
    if is_path and not isinstance(info, Path):
        raise InvalidParameterError(
            f"Cannot use `{type(info).__name__}` for path param {name!r}", advice="Use Path(), or rename the parameter."
        )
    if not isinstance(info, (Param, Body)):
        raise InvalidParameterError(
            f"non-body parameters must be in path, query, header or cookie: {name}",
            advice="Field() is for models: use Query(), Header(), Cookie() or Body() here.",
        )
    if isinstance(info, Param) and getattr(info, "in_", None) is None:
        info.in_ = ParamTypes.query
    if isinstance(info, Form):
        check_multipart_installed()
        if form_union_models(info.annotation):
            info.annotation = with_form_union_validators(info.annotation)
    if isinstance(info, Path) and isinstance(info.validation_alias, AliasChoices):
        _choose_path_alias(info, in_path)
    if not info.alias:
        info.alias = name.replace("_", "-") if getattr(info, "convert_underscores", False) else name
    slot = make_slot(name, declared, info)
    annotation = slot.field_info.annotation
    if is_path and not is_scalar(annotation):
        raise InvalidParameterError(
            "Path params must be of one of the supported types",
            advice=f"{name!r} stands for one part of the path: a str, int, float, UUID, enum or the like.",
        )
    if isinstance(info, Query) and not (
        is_scalar(annotation) or is_scalar_sequence(annotation) or optional_model(annotation) is not None
    ):
        raise InvalidParameterError(
            f"Query parameter {name!r} must be one of the supported types",
            advice="A query carries plain values, lists of them, or a model with such fields.",
        )
    return slot


def _choose_path_alias(info: FieldInfo, in_path: set[str]) -> None:
    choices = info.validation_alias.choices if isinstance(info.validation_alias, AliasChoices) else []
    if all(isinstance(choice, str) for choice in choices):
        info.validation_alias = next((str(choice) for choice in choices if choice in in_path), info.validation_alias)


def make_slot(name: str, type_: Any, info: FieldInfo | None = None, *, mode: Mode = "validation") -> Slot:
    """Return a slot.

    Raises:
        InvalidFieldTypeError: pydantic has no schema for the type.
        PydanticV1NotSupportedError: the type is a model of `pydantic.v1`.
    """
    if mentions_pydantic_v1(type_):
        raise PydanticV1NotSupportedError(
            f"pydantic.v1 models are no longer supported by FastAPI. Please update the response model {type_!r}."
        )
    if isinstance(type_, list | dict | set | tuple):
        name = getattr(type_[0], "__name__", "") if isinstance(type_, list) and len(type_) == 1 else ""
        advice = f"Write list[{name}]." if name else "Write a type, such as list[int] or dict[str, int]."
        raise InvalidFieldTypeError(_FIELD_TYPE_ADVICE.format(type_=type_), advice=advice)
    try:
        return Slot(info or FieldInfo(annotation=type_), name, mode)
    except PydanticSchemaGenerationError:
        raise InvalidFieldTypeError(_FIELD_TYPE_ADVICE.format(type_=type_)) from None
