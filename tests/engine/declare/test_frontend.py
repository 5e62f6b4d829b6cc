"""Frontends: built files for what no route answers."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, NoMatchFound, Route
from starlette.types import Scope

from martlet import APIRouter, BackgroundTasks, Depends, FastAPI
from martlet._engine.declare.frontend import (
    FrontendFiles,
    FrontendGroup,
    FrontendRoute,
    asks_for_page,
)
from martlet._engine.declare.frontend_paths import is_checked, joined_path, most_specific, normalized_path
from martlet._engine.words.errors import DeclarationError, InvalidPathError, InvalidRouterError
from martlet.testclient import TestClient
from tests.engine.declare.frameworks import Framework, both

PAGE = {"accept": "text/html"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A directory with a page, a file and a directory that has a page."""
    for name in ("index.html", "asset.txt", "about/index.html"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "odd" / "index.html").mkdir(parents=True)
    return tmp_path


def client_of(site: Path, **options: Any) -> TestClient:
    app = FastAPI(openapi_url=None)
    app.frontend("/", directory=site, **options)
    return TestClient(app, follow_redirects=False)


# ------------------------------------------------------------------------------------------------------------- files


@both
@pytest.mark.parametrize(
    ("method", "path", "accept", "fallback", "extra"),
    [
        ("GET", "/", "*/*", "auto", None),
        ("GET", "/asset.txt", "*/*", "auto", None),
        ("HEAD", "/asset.txt", "*/*", "auto", None),
        ("GET", "/about", "*/*", "auto", None),
        ("GET", "/about/", "*/*", "auto", None),
        ("GET", "/empty", "*/*", "auto", None),
        ("GET", "/odd", "*/*", "auto", None),
        ("GET", "/asset.txt/below", "*/*", "auto", None),
        ("GET", "/missing", "*/*", "auto", None),
        ("GET", "/missing", "text/html", "auto", None),
        ("GET", "/missing", "text/html", "auto", "404.html"),
        ("GET", "/missing", "*/*", "auto", "404.html"),
        ("GET", "/missing", "text/html", "index.html", "404.html"),
        ("GET", "/missing", "*/*", "index.html", None),
        ("GET", "/missing", "application/xhtml+xml;q=0.5", "index.html", None),
        ("GET", "/missing", "text/html;q=0", "index.html", None),
        ("GET", "/missing", "image/png, text/html;q=wrong", "index.html", None),
        ("GET", "/missing", "*/*", "404.html", "404.html"),
        ("GET", "/missing", "text/html", None, None),
        ("POST", "/asset.txt", "*/*", "auto", None),
        ("POST", "/missing", "text/html", "auto", None),
        ("GET", "/../secret", "*/*", "auto", None),
        ("GET", "/%00", "*/*", "auto", None),
        ("GET", "/" + "x" * 300, "*/*", "auto", None),
    ],
)
def test_what_is_answered(
    framework: Framework, site: Path, method: str, path: str, accept: str, fallback: Any, extra: str | None
) -> None:
    if extra:
        (site / extra).write_text(extra)
    app = framework.FastAPI(openapi_url=None)
    app.frontend("/", directory=site, fallback=fallback)
    response = TestClient(app, follow_redirects=False).request(method, path, headers={"accept": accept})
    found = (response.status_code, response.text, response.headers.get("location"))
    assert ANSWERS.setdefault((method, path, accept, fallback, extra), found) == found


ANSWERS: dict[Any, Any] = {}


@pytest.mark.parametrize(
    ("error", "status"),
    [(PermissionError(), 401), (OSError(errno.ENAMETOOLONG, "long"), 404), (ValueError(), 404)],
)
def test_what_the_system_says_becomes_a_status(
    site: Path, error: Exception, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(site)

    def fail(*args: Any) -> Any:
        raise error

    monkeypatch.setattr(FrontendFiles, "lookup_path", fail)
    assert client.get("/asset.txt").status_code == status


def test_other_errors_of_the_system_go_on_up(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(site)

    def fail(*args: Any) -> Any:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(FrontendFiles, "lookup_path", fail)
    with pytest.raises(OSError, match="broken"):
        client.get("/asset.txt")


@both
def test_a_missing_directory_is_refused_at_once(framework: Framework, tmp_path: Path) -> None:
    with pytest.raises(
        RuntimeError, match=r"^Frontend directory '.*missing' does not exist. Resolved absolute path: '/"
    ):
        framework.FastAPI().frontend("/", directory=tmp_path / "missing")


@both
def test_a_missing_fallback_is_refused_at_once(framework: Framework, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"^Frontend fallback file '404.html' does not exist in directory"):
        framework.FastAPI().frontend("/", directory=tmp_path, fallback="404.html")


@both
def test_nothing_is_refused_where_it_is_not_to_be_checked(framework: Framework, tmp_path: Path) -> None:
    app = framework.FastAPI(openapi_url=None)
    app.frontend("/", directory=tmp_path, fallback="index.html", check_dir=False)
    with pytest.raises(RuntimeError, match=r"^Frontend fallback file 'index.html' does not exist"):
        TestClient(app).get("/a", headers=PAGE)


@pytest.mark.parametrize("owner", ["FastAPI", "APIRouter"])
def test_while_one_develops_a_missing_directory_is_warned_of(
    owner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPI_ENV", "development")
    declaring: Any = {"FastAPI": FastAPI, "APIRouter": APIRouter}[owner]()
    with pytest.warns(UserWarning, match=r"Frontend directory '.*missing' does not exist") as warnings:
        declaring.frontend("/", directory=tmp_path / "missing")
    assert [Path(each.filename).name for each in warnings] == [Path(__file__).name]
    assert is_checked(tmp_path, "auto") is False
    monkeypatch.delenv("FASTAPI_ENV")
    assert is_checked(tmp_path, "auto") is True


def test_an_unknown_fallback_is_refused(site: Path) -> None:
    with pytest.raises(InvalidRouterError, match=r"^fallback must be 'auto', 'index.html', '404.html', or None"):
        client_of(site, fallback="none")


def test_the_refusals_have_classes(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="Build the frontend first"):
        client_of(tmp_path / "missing")


def test_a_directory_that_appears_later_is_looked_at_once(tmp_path: Path) -> None:
    client = client_of(tmp_path / "later", check_dir=False)
    with pytest.raises(RuntimeError):
        client.get("/a.txt")
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "a.txt").write_text("a")
    assert [client.get("/a.txt").text, client.get("/a.txt").text] == ["a", "a"]


@pytest.mark.parametrize(("accept", "page"), [("text/html", True), ("*/*", False), ("", False), ("x", False)])
def test_who_asks_for_a_page(accept: str, page: bool) -> None:
    assert asks_for_page({"type": "http", "headers": [(b"accept", accept.encode())]}) is page


# ------------------------------------------------------------------------------------------------------------- paths


def test_paths_are_normalized() -> None:
    assert [normalized_path(path) for path in ("/", "//", "/app/", "/app")] == ["/", "/", "/app", "/app"]


@both
@pytest.mark.parametrize(
    ("path", "text"), [("", "A frontend path cannot be empty"), ("app", "A frontend path must start with '/'")]
)
def test_malformed_paths_are_refused(framework: Framework, path: str, text: str, site: Path) -> None:
    with pytest.raises(AssertionError, match="^" + text):
        framework.FastAPI().frontend(path, directory=site)
    with pytest.raises(InvalidPathError):
        normalized_path(path)


@pytest.mark.parametrize(
    ("prefix", "path", "joined"), [("", "/", "/"), ("/a", "/", "/a"), ("/a", "/b", "/a/b"), ("", "/b", "/b")]
)
def test_the_root_below_a_prefix_is_the_prefix(prefix: str, path: str, joined: str) -> None:
    assert joined_path(prefix, path) == joined


@pytest.mark.parametrize(
    ("path", "asked", "match"),
    [("/", "/x", "x"), ("/app", "/app", ""), ("/app", "/app/x", "x"), ("/app", "/apple", None), ("/app", "/", None)],
)
def test_paths_match_by_segments(path: str, asked: str, match: str | None, site: Path) -> None:
    route = FrontendRoute(path, directory=site, fallback=None, check_dir=True)
    found = route.matches({"type": "http", "path": asked, "method": "GET"})
    if match is None:
        assert found == (Match.NONE, {})
    else:
        assert found[0] is Match.FULL
        assert found[1]["fastapi"]["frontend_path"] == match
    assert route.matches({"type": "websocket", "path": asked}) == (Match.NONE, {})


def test_frontends_have_no_names(site: Path) -> None:
    route = FrontendRoute("/", directory=site, fallback=None, check_dir=True)
    for each in (route, FrontendGroup()):
        with pytest.raises(NoMatchFound):
            each.url_path_for("frontend")


def found(length: int | None) -> Scope:
    return {} if length is None else {"fastapi": {"frontend_specificity": length}}


@pytest.mark.parametrize(
    ("matches", "chosen"),
    [
        ([], None),
        ([(Match.NONE, 5)], None),
        ([(Match.FULL, 1), (Match.FULL, 5), (Match.FULL, 3)], 1),
        ([(Match.PARTIAL, 5), (Match.FULL, 1)], 1),
        ([(Match.PARTIAL, 1), (Match.PARTIAL, 5)], 1),
        ([(Match.FULL, 1), (Match.FULL, 1)], 0),
        ([(Match.FULL, None), (Match.FULL, 9)], 0),
        ([(Match.FULL, 9), (Match.FULL, None)], 0),
    ],
)
def test_the_longest_path_wins(matches: list[tuple[Match, int | None]], chosen: int | None) -> None:
    candidates = [(match, found(length), index) for index, (match, length) in enumerate(matches)]
    assert most_specific(candidates)[2] == chosen


# --------------------------------------------------------------------------------------------------- among other routes


@both
def test_routes_and_redirects_come_first(framework: Framework, site: Path) -> None:
    (site / "api").mkdir()
    (site / "api" / "index.html").write_text("api page")
    app = framework.FastAPI(openapi_url=None)
    app.frontend("/", directory=site)
    app.get("/asset.txt")(lambda: "route")
    app.get("/api/")(lambda: "api")
    client = TestClient(app, follow_redirects=False)
    assert client.get("/asset.txt").json() == "route"
    assert client.get("/api").status_code == 307
    assert client.put("/asset.txt").status_code == 405


@both
def test_frontends_of_routers_have_their_prefixes(framework: Framework, site: Path) -> None:
    app, parent, child = framework.FastAPI(openapi_url=None), framework.APIRouter(), framework.APIRouter(prefix="/c")
    app.frontend("/", directory=site / "about")
    child.frontend("/", directory=site)
    parent.include_router(child, prefix="/p")
    app.include_router(parent, prefix="/x")
    client = TestClient(app)
    assert client.get("/x/p/c/asset.txt").text == "asset.txt"
    assert client.get("/x/p/c").text == "index.html"
    assert client.get("/x").status_code == 404
    assert client.get("/").text == "about/index.html"
    child.frontend("/late", directory=site)
    assert client.get("/x/p/c/late/asset.txt").text == "asset.txt"


@both
def test_the_includes_limit_holds(framework: Framework, site: Path) -> None:
    async def read(request: Request) -> None:
        await request.body()

    read.__annotations__["request"] = framework.Request
    app, router = framework.FastAPI(openapi_url=None), framework.APIRouter()
    router.frontend("/", directory=site)
    app.include_router(router, prefix="/small", max_body_size=0, dependencies=[framework.Depends(read)])
    client = TestClient(app)
    assert client.request("GET", "/small/asset.txt", content=b"x").status_code == 413
    assert client.get("/small/asset.txt").status_code == 200


def test_other_routes_may_be_tried_last_as_well(site: Path) -> None:
    async def low(request: Request) -> PlainTextResponse:
        return PlainTextResponse("low")

    app, router = FastAPI(openapi_url=None), APIRouter()
    router._low_priority_routes.append(Route("/low", low))
    app.include_router(router, prefix="/x")
    app.router._low_priority_routes.append(Route("/low", low))
    app.frontend("/site", directory=site)
    client = TestClient(app)
    asked = ("/low", "/site/asset.txt", "/x/low")
    assert [client.get(path).text for path in asked] == ["low", "asset.txt", "low"]


# -------------------------------------------------------------------------------------------------------- dependencies


@both
def test_dependencies_run_before_a_file_is_sent(framework: Framework, site: Path) -> None:
    ran: list[str] = []

    def app_wide(response: Response) -> None:
        response.headers["x-app"] = "yes"
        ran.append("app")

    def included(tasks: Any, token: str) -> Any:
        tasks.add_task(ran.append, "background")
        ran.append("include")
        yield
        ran.append("closed")

    included.__annotations__["tasks"] = framework.BackgroundTasks
    app = framework.FastAPI(openapi_url=None, dependencies=[framework.Depends(app_wide)])
    router = framework.APIRouter()
    router.frontend("/", directory=site)
    app.include_router(router, prefix="/x", dependencies=[framework.Depends(included)])
    client = TestClient(app)
    response = client.get("/x/asset.txt?token=1")
    assert (response.text, response.headers["x-app"]) == ("asset.txt", "yes")
    assert ran == ["app", "include", "background", "closed"]
    assert client.get("/x/asset.txt").status_code == 422
    assert client.post("/x/asset.txt").status_code == 405


def test_they_can_be_overridden(site: Path) -> None:
    def refuse() -> None:
        raise HTTPException(403)

    app = FastAPI(openapi_url=None, dependencies=[Depends(refuse)])
    app.frontend("/", directory=site)
    client = TestClient(app)
    assert client.get("/asset.txt").status_code == 403
    app.dependency_overrides[refuse] = lambda: None
    assert client.get("/asset.txt").status_code == 200


def test_a_response_keeps_its_own_background(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    async def answer(self: Any, scope: Any) -> Response:
        tasks = BackgroundTasks()
        tasks.add_task(ran.append, "own")
        return PlainTextResponse("mine", background=tasks)

    monkeypatch.setattr(FrontendFiles, "answer", answer)
    app = FastAPI(openapi_url=None, dependencies=[Depends(lambda: None)])
    app.frontend("/", directory=site)
    assert TestClient(app).get("/asset.txt").text == "mine"
    assert ran == ["own"]


def test_a_group_of_no_router_has_no_overrides(site: Path) -> None:
    group = FrontendGroup(dependencies=[Depends(lambda: None)])
    group.add_frontend_route("/", directory=site, fallback=None, check_dir=True)
    assert TestClient(group).get("/asset.txt").text == "asset.txt"


def test_a_group_that_is_asked_for_what_it_has_not_answers_404() -> None:
    class Claiming(FrontendGroup):
        def matches(self, scope: Any) -> Any:
            return Match.FULL, {}

    app = FastAPI(openapi_url=None)
    app.router._low_priority_routes.append(Claiming())
    assert TestClient(app).get("/a").status_code == 404


def test_the_stacks_of_whoever_is_around_are_put_back(site: Path) -> None:
    group = FrontendGroup(dependencies=[Depends(lambda: None)])
    group.add_frontend_route("/", directory=site, fallback=None, check_dir=True)
    seen: list[Any] = []

    async def around(scope: Any, receive: Any, send: Any) -> None:
        scope["fastapi_inner_astack"] = "mine"
        await group(scope, receive, send)
        seen.append((scope["fastapi_inner_astack"], "fastapi_function_astack" in scope))

    assert TestClient(around).get("/asset.txt").status_code == 200
    assert seen == [("mine", False)]


def test_paths_of_directories_may_be_strings(site: Path) -> None:
    assert client_of(os.fspath(site)).get("/asset.txt").text == "asset.txt"  # type: ignore[arg-type]  # str is fine
