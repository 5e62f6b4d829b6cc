"""Checks of what an app as a whole is told: CORS, debug, the secret of sessions, its docs, the size of bodies."""

from collections.abc import Iterator
from typing import Any, Final

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from martlet.cli.checks.findings import CORS, DEBUG, DOCS, SECRET, UNLIMITED, Finding
from martlet.cli.checks.subject import Subject

_SESSIONS: Final = "starlette.middleware.sessions"  # not imported here: it needs a package of its own
_SHORTEST_SECRET: Final = 16


def cors(subject: Subject) -> Iterator[Finding]:
    """Yield middleware that lets every site act in the name of a signed-in user."""
    for each in _middleware(subject):
        if not (isinstance(each.cls, type) and issubclass(each.cls, CORSMiddleware)):
            continue
        said: dict[str, Any] = dict(each.kwargs)
        any_origin = "*" in said.get("allow_origins", ()) or said.get("allow_origin_regex") in {
            ".*",
            "^.*$",
            ".+",
            "https?://.*",
        }
        if any_origin and said.get("allow_credentials"):
            yield Finding(
                CORS,
                subject.call_of(each.cls.__name__),
                "CORS allows any origin, and credentials: any site can send requests with a visitor's cookies",
                "List the origins that may (allow_origins=['https://shop.example']), or leave allow_credentials out.",
            )


def debug(subject: Subject) -> Iterator[Finding]:
    """Yield apps that show tracebacks."""
    for app in subject.fastapi_apps:
        if app.debug:
            yield Finding(
                DEBUG,
                subject.call_of(type(app).__name__, "debug"),
                "debug=True: whoever causes an error is shown its traceback, with source",
                "Leave it out: `martlet dev` shows errors anyway.",
            )


def session_secret(subject: Subject) -> Iterator[Finding]:
    """Yield session middleware whose secret can be guessed."""
    for each in _middleware(subject):
        kind = getattr(each.cls, "__mro__", ())
        if not any(base.__module__ == _SESSIONS and base.__name__ == "SessionMiddleware" for base in kind):
            continue
        secret = str(each.kwargs.get("secret_key", each.args[0] if each.args else ""))
        if len(secret) < _SHORTEST_SECRET:
            yield Finding(
                SECRET,
                subject.call_of("SessionMiddleware"),
                f"The sessions' secret_key has {len(secret)} characters: whoever guesses it can be any user",
                "Take one from the environment, made by: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )


def docs(subject: Subject) -> Iterator[Finding]:
    """Yield apps whose document anybody can read."""
    for app in subject.fastapi_apps:
        shown = [url for url in (app.docs_url, app.redoc_url, app.openapi_url) if url and app.openapi_url]
        if shown:
            yield Finding(
                DOCS,
                subject.call_of_app(app),
                f"Anybody who reaches the app can read {', '.join(shown)}",
                "If the API is not a public one: openapi_url=None where it runs, or a proxy that keeps these paths.",
            )


def body_size(subject: Subject) -> Iterator[Finding]:
    """Yield apps that read bodies of any size into memory."""
    app = subject.app
    if app.max_body_size is None:
        yield Finding(
            UNLIMITED,
            subject.call_of_app(app),
            "Bodies may have any size, and are held in memory",
            "Say max_body_size=10 * 1024 * 1024 (bytes), or use martlet.Martlet in place of FastAPI.",
        )


def _middleware(subject: Subject) -> Iterator[Middleware]:
    for app in subject.fastapi_apps:
        yield from app.user_middleware
