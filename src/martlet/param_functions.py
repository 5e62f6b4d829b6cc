"""The functions that endpoints declare their parameters with: `Query()`, `Body()`, `Depends()` and so on.

Each makes a marker of `martlet.params` and says it is `Any`, so that `q: str = Query("fixed")` type-checks; in
`Annotated[str, Query()]` it makes no difference. Their keywords are explained where they are typed:
`_engine/words/param_options.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any, Unpack

from pydantic import AliasChoices as AliasChoices
from pydantic import AliasPath as AliasPath
from pydantic import Discriminator as Discriminator
from pydantic_core import PydanticUndefined

from martlet._engine.words import markers
from martlet._engine.words.keywords import spelled_out
from martlet._engine.words.lending import lend
from martlet._engine.words.param_options import BodyOptions, FormOptions, HeaderOptions, ParamOptions
from martlet._engine.words.types import DependencyScope

# ruff: noqa: N802 - these functions stand for the classes of the same names, as in FastAPI


@spelled_out(ParamOptions)
def Path(default: Any = ..., **options: Unpack[ParamOptions]) -> Any:
    """Declare a parameter in the path.

    Args:
        default: nothing else than `...`: a path parameter is always there.
        options: see `ParamOptions`.

    Raises:
        InvalidParameterError: a default was given.
        UnknownOptionError: an option is none of `ParamOptions`.
    """
    return markers.Path(default, **options)


@spelled_out(ParamOptions)
def Query(default: Any = PydanticUndefined, **options: Unpack[ParamOptions]) -> Any:
    """Declare a parameter in the query string.

    Args:
        default: the value where none was sent; `...` or nothing makes the parameter required.
        options: see `ParamOptions`.

    Raises:
        UnknownOptionError: an option is none of `ParamOptions`.
    """
    return markers.Query(default, **options)


@spelled_out(HeaderOptions)
def Header(default: Any = PydanticUndefined, **options: Unpack[HeaderOptions]) -> Any:
    """Declare a header of the request.

    Args:
        default: the value where none was sent; `...` or nothing makes the header required.
        options: see `HeaderOptions`.

    Raises:
        UnknownOptionError: an option is none of `HeaderOptions`.
    """
    return markers.Header(default, **options)


@spelled_out(ParamOptions)
def Cookie(default: Any = PydanticUndefined, **options: Unpack[ParamOptions]) -> Any:
    """Declare a cookie of the request.

    Args:
        default: the value where none was sent; `...` or nothing makes the cookie required.
        options: see `ParamOptions`.

    Raises:
        UnknownOptionError: an option is none of `ParamOptions`.
    """
    return markers.Cookie(default, **options)


@spelled_out(BodyOptions)
def Body(default: Any = PydanticUndefined, **options: Unpack[BodyOptions]) -> Any:
    """Declare the request's body, or a key of it.

    Args:
        default: the value where none was sent; `...` or nothing makes it required.
        options: see `BodyOptions`.

    Raises:
        UnknownOptionError: an option is none of `BodyOptions`.
    """
    return markers.Body(default, **options)


@spelled_out(FormOptions)
def Form(default: Any = PydanticUndefined, **options: Unpack[FormOptions]) -> Any:
    """Declare a field of a form.

    Args:
        default: the value where none was sent; `...` or nothing makes the field required.
        options: see `FormOptions`.

    Raises:
        UnknownOptionError: an option is none of `FormOptions`.
    """
    return markers.Form(default, **options)


@spelled_out(FormOptions)
def File(default: Any = PydanticUndefined, **options: Unpack[FormOptions]) -> Any:
    """Declare a file of a form.

    Args:
        default: the value where none was sent; `...` or nothing makes the file required.
        options: see `FormOptions`.

    Raises:
        UnknownOptionError: an option is none of `FormOptions`.
    """
    return markers.File(default, **options)


def Depends(
    dependency: Callable[..., Any] | None = None,
    *,
    use_cache: bool = True,
    scope: DependencyScope | None = None,
    max_concurrency: int | None = None,
) -> Any:
    """Declare a value that is made by calling `dependency`.

    Args:
        dependency: what is called, with parameters declared like an endpoint's; do not call it yourself. Left out, it
            is the parameter's own type.
        use_cache: whether one request calls it once at most, however often it is asked for.
        scope: when the part of it behind `yield` runs: `"function"`, before the answer is sent, or `"request"`, after
            it was. Left out, it is `"request"`.
        max_concurrency: how many calls of it may run at once, over all requests of an event loop; 1 or more. Further
            requests wait, without holding a thread. Each `Depends()` counts by itself: keep it in an `Annotated` alias
            to share one limit.

    Raises:
        InvalidConcurrencyError: `max_concurrency` is not a positive integer.
    """
    return markers.Depends(dependency, use_cache, scope, max_concurrency=max_concurrency)


def Security(
    dependency: Callable[..., Any] | None = None,
    *,
    scopes: Sequence[str] | None = None,
    use_cache: bool = True,
) -> Any:
    """Declare a dependency that asks for OAuth2 scopes, which the document lists.

    Args:
        dependency: what is called, as in `Depends`; it sees the scopes in a parameter of type `SecurityScopes`.
        scopes: what the caller must have been granted, for this dependency and those under it.
        use_cache: whether one request calls it once at most for the same scopes.
    """
    return markers.Security(dependency, use_cache, scopes=scopes)


lend(
    __name__,
    {
        "Undefined": "pydantic_core:PydanticUndefined",
        "_Unset": "martlet.datastructures:",
        "params": "martlet.params",
        "Example": "martlet.openapi.models:",
    },
)
