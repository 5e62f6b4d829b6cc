"""Frontends: a directory of built files served below a path, for what no route answers.

A single-page app has paths that are no files; a browser that asks for one is given the fallback page, and whoever
asks for something else gets a 404. Frontends are tried last, after slash redirects, and of several the one with the
longest path is chosen. The app's, routers' and includes' dependencies run before a file is sent.
"""

import errno
import os
import stat
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from copy import copy
from email.message import Message
from pathlib import Path
from typing import Any, Final

from starlette._utils import get_route_path
from starlette.datastructures import URL, URLPath
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from martlet._engine.declare.frontend_paths import (
    PATH_KEY,
    SPECIFICITY_KEY,
    Directory,
    Fallback,
    LastRoute,
    joined_path,
    missing_text,
    most_specific,
    normalized_path,
    specificity,
)
from martlet._engine.declare.merge import Level
from martlet._engine.read.body import embeds
from martlet._engine.read.dependant import Dependant, flat_body_slots
from martlet._engine.read.graph import build_graph
from martlet._engine.read.signature import read_dependant
from martlet._engine.run.exits import FUNCTION_STACK, REQUEST_STACK, Exits
from martlet._engine.run.limits import with_body_limit
from martlet._engine.run.solve import Solving
from martlet._engine.run.telemetry import watch_of
from martlet._engine.run.threads import in_thread
from martlet._engine.words.errors import DeclarationError, InvalidRouterError
from martlet._engine.words.hooks import HOOKS
from martlet._engine.words.http_errors import RequestValidationError
from martlet._engine.words.markers import Depends
from martlet._engine.words.scope import SCOPE_KEY, told, update_scope

_FALLBACKS: Final = ("auto", "index.html", "404.html", None)
_PAGE_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})


class FrontendFiles(StaticFiles):
    """The files of one frontend.

    Args:
        directory: where they are.
        fallback: what is sent for a path that is no file; `auto` takes `404.html` if there is one, else `index.html`.
        check_dir: whether a missing directory is refused now, not with the first request.

    Raises:
        DeclarationError: the directory or the fallback file is missing.
    """

    def __init__(self, *, directory: Directory, fallback: Fallback, check_dir: bool) -> None:
        self.fallback = fallback
        if check_dir and not Path(directory).is_dir():
            raise DeclarationError(missing_text(directory), advice="Build the frontend first, or pass check_dir=False.")
        super().__init__(directory=directory, html=True, check_dir=check_dir, follow_symlink=False)
        if check_dir and fallback in ("index.html", "404.html"):
            _, found = self.lookup_path(fallback)
            if not _is_file(found):
                raise DeclarationError(self._no_fallback(fallback))

    def _no_fallback(self, fallback: str) -> str:
        where = os.path.realpath(self.directory or "")
        return (
            f"Frontend fallback file '{fallback}' does not exist in directory '{self.directory}'. "
            f"Resolved absolute directory: '{where}'"
        )

    def get_path(self, scope: Scope) -> str:
        """Return the path of the file that is asked for, relative to the directory."""
        asked: str = told(scope, PATH_KEY) or ""
        return os.path.normpath(Path(*asked.split("/")))

    async def answer(self, scope: Scope) -> Response:
        """Return the response to a request whose scope names the frontend's path.

        Raises:
            HTTPException: there is no such file, or it cannot be asked for by this method.
        """
        if not self.config_checked:
            await self.check_config()
            self.config_checked = True
        return await self.get_response(self.get_path(scope), scope)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, a redirect to a directory's page, or the fallback."""
        found = await self._find(path)
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(status_code=404 if found is None else 405)
        if found is None:
            return await self._fall_back(scope)
        full_path, stat_result, is_directory = found
        if is_directory and not scope["path"].endswith("/"):
            url = URL(scope=scope)
            return RedirectResponse(url=url.replace(path=f"{url.path}/"))
        return self.file_response(full_path, stat_result, scope)

    async def _find(self, path: str) -> tuple[str, os.stat_result, bool] | None:
        """Return the file, what is known of it, and whether it is a directory's page; None where there is none."""
        for candidate, is_directory in ((path, False), (str(Path(path) / "index.html"), True)):
            full_path, found = await self._look_up(candidate)
            if found is not None and stat.S_ISREG(found.st_mode):
                return full_path, found, is_directory
            if found is None or not stat.S_ISDIR(found.st_mode):
                return None
        return None

    async def _look_up(self, path: str) -> tuple[str, os.stat_result | None]:
        try:
            return await in_thread(self.lookup_path, path)
        except PermissionError:
            raise HTTPException(status_code=401) from None
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise HTTPException(status_code=404) from None
            raise
        except ValueError:  # a null byte in the path
            raise HTTPException(status_code=404) from None

    async def _fall_back(self, scope: Scope) -> Response:
        if self.fallback == "404.html" or (self.fallback == "auto" and await self._has("404.html")):
            return await self._page("404.html", scope, status_code=404)
        is_app = self.fallback == "index.html" or (self.fallback == "auto" and await self._has("index.html"))
        if is_app and asks_for_page(scope):
            return await self._page("index.html", scope, status_code=200)
        raise HTTPException(status_code=404)

    async def _has(self, name: str) -> bool:
        return _is_file((await in_thread(self.lookup_path, name))[1])

    async def _page(self, name: str, scope: Scope, *, status_code: int) -> Response:
        full_path, found = await in_thread(self.lookup_path, name)
        if found is None or not stat.S_ISREG(found.st_mode):
            raise RuntimeError(self._no_fallback(name))
        return self.file_response(full_path, found, scope, status_code=status_code)


def _is_file(found: os.stat_result | None) -> bool:
    return found is not None and stat.S_ISREG(found.st_mode)


def asks_for_page(scope: Scope) -> bool:
    """Whether whoever asks would take a page: a browser going somewhere, not one that loads a picture or data."""
    accept = Request(scope).headers.get("accept", "")
    return any(media_type in _PAGE_TYPES and quality != 0 for media_type, quality in _accepted(accept))


def _accepted(accept: str) -> Iterator[tuple[str, float]]:
    """Yield the media types of an `Accept` header (RFC 9110, section 12.5.1) and how much each is wanted."""
    for entry in accept.split(","):
        message = Message()
        message["content-type"] = entry.strip()
        try:
            quality = float(str(message.get_param("q", "1")))
        except ValueError:
            quality = 1.0
        yield message.get_content_type(), quality


class FrontendRoute(BaseRoute):
    """One frontend.

    Args:
        path: where it is served, without its router's includes.
        directory: where the files are.
        fallback: see `FrontendFiles`.
        check_dir: see `FrontendFiles`.

    Raises:
        InvalidPathError: the path is malformed.
        InvalidRouterError: there is no such fallback.
        DeclarationError: the directory or the fallback file is missing.
    """

    def __init__(self, path: str, *, directory: Directory, fallback: Fallback, check_dir: bool) -> None:
        if fallback not in _FALLBACKS:
            raise InvalidRouterError("fallback must be 'auto', 'index.html', '404.html', or None")
        self.path = normalized_path(path)
        self.methods = {"GET", "HEAD"}
        self.app = FrontendFiles(directory=directory, fallback=fallback, check_dir=check_dir)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether a request's path is below the frontend's."""
        return self.matches_with_path(scope, self.path)

    def matches_with_path(self, scope: Scope, path: str) -> tuple[Match, Scope]:
        """Return the same, for the frontend served at another path."""
        asked = _below(path, get_route_path(scope)) if scope["type"] == "http" else None
        if asked is None:
            return Match.NONE, {}
        found = {SCOPE_KEY: {PATH_KEY: asked, SPECIFICITY_KEY: specificity(path)}}
        return (Match.FULL if scope["method"] in self.methods else Match.PARTIAL), found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what the frontend answers."""
        response = await self.app.answer(scope)
        await response(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Refuse: frontends have no names."""
        raise NoMatchFound(name, path_params)


def _below(path: str, asked: str) -> str | None:
    """Return what stands behind `path` in `asked`; None where it is not that path or one below it."""
    if path == "/":
        return asked.lstrip("/")
    if asked == path:
        return ""
    return asked[len(path) + 1 :] if asked.startswith(f"{path}/") else None


def _no_endpoint() -> None:
    """Stand for an endpoint in a signature that is dependencies only."""


class FrontendGroup(LastRoute):
    """The frontends of one router, and what runs before them.

    Args:
        dependencies: the dependencies.
        dependency_overrides_provider: the object whose `dependency_overrides` mapping counts; the app.
    """

    def __init__(self, *, dependencies: Sequence[Depends] = (), dependency_overrides_provider: Any = None) -> None:
        self.routes: list[FrontendRoute] = []
        self.prefix = ""
        self.max_body_size: int | None = None
        self.dependencies = list(dependencies)
        self.dependency_overrides_provider = dependency_overrides_provider
        self.dependant = self._read()

    def _read(self) -> Dependant:
        return read_dependant("", _no_endpoint, dependencies=self.dependencies)

    def add_frontend_route(self, path: str, *, directory: Directory, fallback: Fallback, check_dir: bool) -> None:
        """Serve another directory; the arguments are those of `FrontendRoute`."""
        self.routes.append(FrontendRoute(path, directory=directory, fallback=fallback, check_dir=check_dir))

    def within(self, outer: Level) -> "FrontendGroup":
        """Return the group as it is below `outer`; it has the same frontends."""
        effective = copy(self)
        effective.prefix = outer.prefix + self.prefix
        effective.max_body_size = outer.max_body_size
        effective.dependencies = [*outer.dependencies, *self.dependencies]
        effective.dependency_overrides_provider = outer.dependency_overrides_provider
        effective.dependant = effective._read()
        return effective

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether one of the frontends is for a request."""
        return self.matches_with_prefix(scope, self.prefix)

    def matches_with_prefix(self, scope: Scope, prefix: str) -> tuple[Match, Scope]:
        """Return the same, for the group below another prefix."""
        return self._match(scope, prefix)[:2]

    def _match(self, scope: Scope, prefix: str) -> tuple[Match, Scope, FrontendRoute | None]:
        found = [(route, *route.matches_with_path(scope, joined_path(prefix, route.path))) for route in self.routes]
        return most_specific([(match, child_scope, route) for route, match, child_scope in found])

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the dependencies, then send what the frontend with the longest path answers."""
        await with_body_limit(self._handle, self.max_body_size)(scope, receive, send)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        match, child_scope, route = self._match(scope, self.prefix)
        if route is None:
            raise HTTPException(status_code=404)
        update_scope(scope, child_scope)
        if HOOKS.watching:
            watch_of(scope).select(joined_path(self.prefix, route.path).rstrip("/") + "/{path}")
        if match is Match.PARTIAL or not self.dependant.dependencies:
            await route.handle(scope, receive, send)
            return
        async with self._solved(scope, receive, send) as solving:
            response = await route.app.answer(scope)
            if response.background is None:
                response.background = solving.background
            if solving.response is not None:
                response.raw_headers.extend(solving.response.raw_headers)
            await response(scope, receive, send)

    @asynccontextmanager
    async def _solved(self, scope: Scope, receive: Receive, send: Send) -> AsyncIterator[Solving]:
        outer = {key: scope[key] for key in (REQUEST_STACK, FUNCTION_STACK) if key in scope}
        provider = self.dependency_overrides_provider
        graph = build_graph(self.dependant, provider.dependency_overrides if provider is not None else {})
        exits = Exits(scope)
        solving = Solving(Request(scope, receive, send), exits, embed=embeds(flat_body_slots(self.dependant)))
        try:
            async with exits.after_answer, exits.after_endpoint:
                await solving.arguments(graph)
                if solving.errors:
                    raise RequestValidationError(solving.errors)
                yield solving
        finally:
            for key in (REQUEST_STACK, FUNCTION_STACK):
                scope.pop(key)
            scope.update(outer)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Refuse: frontends have no names."""
        raise NoMatchFound(name, path_params)
