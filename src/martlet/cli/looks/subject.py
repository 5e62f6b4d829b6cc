"""The app that a command looks at: found, imported, and known to be one whose routes can be read."""

from argparse import Namespace

from martlet.applications import FastAPI
from martlet.cli.discover import find
from martlet.cli.failures import NotAnAppFailure
from martlet.cli.load import Loaded, load
from martlet.cli.looks.listing import layers


def load_app(arguments: Namespace) -> tuple[FastAPI, Loaded]:
    """Return the app that the arguments mean, and where it was found; of one inside middleware, the app itself.

    Raises:
        Failure: one of its subclasses, where there is no such app, or it is no app of Martlet's.
    """
    loaded = load(find(arguments))
    app = next((each for each in layers(loaded.app) if isinstance(each, FastAPI)), None)
    if app is not None:
        return app, loaded
    kind = type(loaded.app)
    is_genuine = any(base.__module__.partition(".")[0] == "fastapi" for base in kind.__mro__)
    raise NotAnAppFailure(
        f"{loaded.target} is no app of Martlet's",
        details=(f"it is a {kind.__module__}.{kind.__qualname__}",),
        advice="Try it with --as-fastapi: `import fastapi` then means Martlet, and the app stays as it is."
        if is_genuine
        else "Name the app itself: module:name.",
    )
