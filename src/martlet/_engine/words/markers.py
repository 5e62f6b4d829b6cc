"""The markers: what a user puts beside a type to say where a value comes from.

`Path`, `Query`, `Header`, `Cookie`, `Body`, `Form` and `File` are pydantic FieldInfos, so that constraints, aliases and
descriptions mean what they mean in a model; `Depends` and `Security` name a callable. A marker only holds what was
said: `read` decides what it means for a signature. Users subclass these classes and call their constructors.

COMPAT: the classes, their attributes and relations are those of `fastapi.params`: packages ask whether something
`isinstance(x, params.Depends)` and read `param.in_`. `default` is the first and only positional parameter.
"""

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Unpack

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from martlet._engine.words.concurrency import DependencyConcurrency
from martlet._engine.words.errors import FastAPIDeprecationWarning, InvalidConcurrencyError, InvalidParameterError
from martlet._engine.words.keywords import check_options, spelled_out
from martlet._engine.words.param_options import Example, ParamOptions
from martlet._engine.words.types import DependencyScope
from martlet._engine.words.unset import UNSET


class ParamTypes(Enum):
    """Where a parameter stands in a request, the body aside: OpenAPI's `in`."""

    query = "query"
    header = "header"
    path = "path"
    cookie = "cookie"


# Options that are ours; pydantic knows the others.
_OWN_OPTIONS: Final = frozenset({"example", "include_in_schema", "openapi_examples", "regex"})

# COMPAT: FastAPI always hands these to pydantic, where a `None` that was handed over counts as said.
_SAID_AS_NONE: Final[Mapping[str, None]] = dict.fromkeys(
    ("gt", "ge", "lt", "le", "min_length", "max_length", "pattern")
)


# pydantic calls FieldInfo final, and yet looks after subclasses of it for FastAPI's sake; mypy reports those below too.
class _Marker(FieldInfo):  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
    """What parameters and bodies have in common: turning options into a FieldInfo.

    Args:
        default: the value where none was sent; `...` or nothing makes the parameter required.
        annotation: the type; what `read` finds in the signature takes its place.
        options: see `ParamOptions`.

    Raises:
        UnknownOptionError: for an option that is not one of them.
    """

    example: Any
    include_in_schema: bool
    openapi_examples: dict[str, Example] | None

    def __init__(self, default: Any, annotation: Any, options: ParamOptions) -> None:
        check_options(options, ParamOptions, type(self).__name__)
        if options.get("example", UNSET) is not UNSET:
            _warn_renamed("example", "examples")
        if options.get("regex") is not None:
            _warn_renamed("regex", "pattern")
        self.example = options.get("example", UNSET)
        self.include_in_schema = options.get("include_in_schema", True)
        self.openapi_examples = options.get("openapi_examples")
        super().__init__(default=default, annotation=annotation, **_field_arguments(options))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.default})"


def _field_arguments(options: ParamOptions) -> dict[str, Any]:
    """Return what FieldInfo is to be called with for the options that a user gave.

    An `alias` stands for the two aliases that were not given: pydantic's `Field()` does this, its FieldInfo does not.
    """
    arguments: dict[str, Any] = {**_SAID_AS_NONE, **options}
    arguments["pattern"] = options.get("pattern") or options.get("regex")
    alias = options.get("alias", UNSET)
    if options.get("validation_alias") is None:
        arguments["validation_alias"] = alias
    if options.get("serialization_alias") is None and isinstance(alias, str):
        arguments["serialization_alias"] = alias
    return {name: value for name, value in arguments.items() if value is not UNSET and name not in _OWN_OPTIONS}


def _warn_renamed(option: str, successor: str) -> None:
    """Warn of a deprecated option, at the line of the nearest caller outside this package."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("martlet."):
        level, frame = level + 1, frame.f_back
    text = f"`{option}` has been deprecated, please use `{successor}` instead"
    warnings.warn(text, FastAPIDeprecationWarning, stacklevel=level)


class Param(_Marker):  # type: ignore[misc]  # as _Marker
    """A parameter outside the body; the subclasses say where.

    Args:
        default: the value where none was sent; `...` or nothing makes the parameter required.
        annotation: the type; what the signature says takes its place.
        options: see `ParamOptions`.
    """

    in_: ParamTypes

    @spelled_out(ParamOptions)
    def __init__(
        self, default: Any = PydanticUndefined, *, annotation: Any | None = None, **options: Unpack[ParamOptions]
    ) -> None:
        super().__init__(default, annotation, options)


class Path(Param):  # type: ignore[misc]  # as _Marker
    """A parameter in the path; always required.

    Raises:
        InvalidParameterError: a default was given, though there is no request without the parameter.
    """

    in_ = ParamTypes.path

    @spelled_out(ParamOptions)
    def __init__(self, default: Any = ..., *, annotation: Any | None = None, **options: Unpack[ParamOptions]) -> None:
        if default is not ...:
            raise InvalidParameterError(
                "Path parameters cannot have a default value",
                advice=f"Leave out {default!r}: no request reaches the path operation without the parameter.",
            )
        super().__init__(default, annotation=annotation, **options)


class Query(Param):  # type: ignore[misc]  # as _Marker
    """A parameter in the query string."""

    in_ = ParamTypes.query


class Header(Param):  # type: ignore[misc]  # as _Marker
    """A header of the request.

    Args:
        default: the value where none was sent; `...` or nothing makes the header required.
        annotation: the type; what the signature says takes its place.
        convert_underscores: whether `user_agent` reads the header `user-agent`.
        options: see `ParamOptions`.
    """

    in_ = ParamTypes.header

    @spelled_out(ParamOptions)
    def __init__(
        self,
        default: Any = PydanticUndefined,
        *,
        annotation: Any | None = None,
        convert_underscores: bool = True,
        **options: Unpack[ParamOptions],
    ) -> None:
        self.convert_underscores = convert_underscores
        super().__init__(default, annotation=annotation, **options)


class Cookie(Param):  # type: ignore[misc]  # as _Marker
    """A cookie of the request."""

    in_ = ParamTypes.cookie


class Body(_Marker):  # type: ignore[misc]  # as _Marker
    """The body, or a key of it.

    Args:
        default: the value where none was sent; `...` or nothing makes it required.
        annotation: the type; what the signature says takes its place.
        embed: whether the body is an object with a key for this parameter, even where it is the only one.
        media_type: the content type that the document gives for the body.
        options: see `ParamOptions`.
    """

    @spelled_out(ParamOptions)
    def __init__(
        self,
        default: Any = PydanticUndefined,
        *,
        annotation: Any | None = None,
        embed: bool | None = None,
        media_type: str = "application/json",
        **options: Unpack[ParamOptions],
    ) -> None:
        self.embed = embed
        self.media_type = media_type
        super().__init__(default, annotation, options)


class Form(Body):  # type: ignore[misc]  # as _Marker
    """A field of a form.

    Args:
        default: the value where none was sent; `...` or nothing makes the field required.
        annotation: the type; what the signature says takes its place.
        media_type: the content type that the document gives for the body.
        options: see `ParamOptions`.
    """

    @spelled_out(ParamOptions)
    def __init__(
        self,
        default: Any = PydanticUndefined,
        *,
        annotation: Any | None = None,
        media_type: str = "application/x-www-form-urlencoded",
        **options: Unpack[ParamOptions],
    ) -> None:
        check_options(options, ParamOptions, type(self).__name__)  # Body would take `embed`
        super().__init__(default, annotation=annotation, media_type=media_type, **options)


class File(Form):  # type: ignore[misc]  # as _Marker
    """A file of a form.

    Args:
        default: the value where none was sent; `...` or nothing makes the file required.
        annotation: the type; what the signature says takes its place.
        media_type: the content type that the document gives for the body.
        options: see `ParamOptions`.
    """

    @spelled_out(ParamOptions)
    def __init__(
        self,
        default: Any = PydanticUndefined,
        *,
        annotation: Any | None = None,
        media_type: str = "multipart/form-data",
        **options: Unpack[ParamOptions],
    ) -> None:
        super().__init__(default, annotation=annotation, media_type=media_type, **options)


@dataclass(frozen=True)
class Depends:
    """A value that is made by calling something.

    Args:
        dependency: what is called; None for the parameter's own type.
        use_cache: whether one request calls it once at most, however often it is asked for.
        scope: when the part of it behind `yield` runs: `"function"`, before the answer is sent, or `"request"`, after
            it was. None means `"request"`.
        max_concurrency: how many calls of it may run at once, over all requests of an event loop; 1 or more.
        concurrency: the limit that `max_concurrency` stands for. It belongs to this very declaration: two equal ones
            do not share it, and `dataclasses.replace` keeps it as long as the number stays the same.

    Raises:
        InvalidConcurrencyError: `max_concurrency` is not a positive integer.
    """

    dependency: Callable[..., Any] | None = None
    use_cache: bool = True
    scope: DependencyScope | None = None
    max_concurrency: int | None = field(default=None, kw_only=True)
    # Part of equality: were two declarations with a limit equal, `Annotated` would take one for the other.
    concurrency: DependencyConcurrency | None = field(default=None, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        limit = self.max_concurrency
        if limit is None:
            concurrency = None
        elif type(limit) is not int or limit < 1:  # a bool is an int, and no number of calls
            raise InvalidConcurrencyError("max_concurrency must be a positive integer or None")
        elif self.concurrency is not None and self.concurrency.max_concurrency == limit:
            concurrency = self.concurrency
        else:
            concurrency = DependencyConcurrency(limit)
        object.__setattr__(self, "concurrency", concurrency)

    @property
    def _concurrency(self) -> DependencyConcurrency | None:
        """COMPAT: FastAPI's private name for `concurrency`."""
        return self.concurrency


@dataclass(frozen=True)
class Security(Depends):
    """A dependency that asks for OAuth2 scopes.

    Args:
        scopes: what the caller must have been granted, for this dependency and those under it.
    """

    scopes: Sequence[str] | None = None
