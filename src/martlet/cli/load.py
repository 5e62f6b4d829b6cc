"""Import the app that `discover` found.

An app is whatever an ASGI server can serve; where no name is given, the first of `app`, `api`, any other FastAPI or
Starlette app, and a function named `create_app` or the like. Whatever the user's code raises becomes a failure that
shows their line (`mistakes`).
"""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from martlet.cli.discover import Target
from martlet.cli.failures import NoAppFailure, NotAnAppFailure
from martlet.cli.mistakes import of_factory, of_import

_PREFERRED: Final = ("app", "api")
_FACTORIES: Final = ("create_app", "make_app", "get_app", "build_app")


@dataclass(frozen=True, slots=True)
class Loaded:
    """An app, and where it was found.

    Args:
        app: what a server serves.
        target: where it is; its name is known.
    """

    app: Any
    target: Target


def load(target: Target) -> Loaded:
    """Import the module of the target and return its app.

    Raises:
        ImportFailure: the module cannot be imported.
        NoAppFailure: nothing in it is an app.
        NotAnAppFailure: what was named is none.
        FactoryFailure: the function that makes the app failed.
    """
    folder = str(target.folder)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        module = import_module(target.module)
    except (Exception, SystemExit) as error:
        raise of_import(error, target) from error
    name = target.name or _search(module)
    target = replace(target, name=name)
    found = _attribute(module, target)
    is_app = callable(found) and not inspect.isclass(found) and not (target.factory or _is_factory(found))
    if is_app:
        return Loaded(found, target)
    if not callable(found):
        raise NotAnAppFailure(
            f"The app name {name} in {target.module} doesn't seem to be a FastAPI app",
            details=(f"it is a {type(found).__name__}",),
        )
    return Loaded(_made(found, target), replace(target, factory=True))


def _search(module: ModuleType) -> str:
    from starlette.applications import Starlette  # noqa: PLC0415 - the app's module has imported it, if it has an app

    names = [*_PREFERRED, *sorted(vars(module))]
    for name in names:
        if isinstance(getattr(module, name, None), Starlette):
            return name
    for name in _FACTORIES:
        if inspect.isfunction(getattr(module, name, None)):
            return name
    raise NoAppFailure(
        f"Could not find FastAPI app in module {module.__name__}, try using --app",
        details=(f"{getattr(module, '__file__', None) or module.__name__} has no FastAPI app",),
        advice="Assign one in it: app = FastAPI()",
    )


def _attribute(module: ModuleType, target: Target) -> Any:
    found: Any = module
    for part in (target.name or "").split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            meant = get_close_matches(part, [name for name in dir(found) if not name.startswith("_")], n=1)
            raise NoAppFailure(
                f"Could not find app name {target.name} in {target.module}",
                details=(f"did you mean {target.module}:{meant[0]}?",) if meant else (),
            ) from None
    return found


def _is_factory(found: Callable[..., Any]) -> bool:
    """Return whether a callable makes an app rather than being one: a function that needs no arguments."""
    if not inspect.isfunction(found):
        return False
    return all(
        parameter.default is not parameter.empty or parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
        for parameter in inspect.signature(found).parameters.values()
    )


def _made(factory: Callable[..., Any], target: Target) -> Any:
    try:
        app = factory()
    except (Exception, SystemExit) as error:
        raise of_factory(error, target) from error
    if not callable(app):
        raise NotAnAppFailure(f"{target}() doesn't make a FastAPI app", details=(f"it returns a {type(app).__name__}",))
    return app
