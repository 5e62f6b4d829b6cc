"""The docs pages in a real browser: Chromium, without a network, on the pages of a real server.

`make test-system` runs these, as they need Debian's chromium. Each page is looked at as a reader would: it shows the
operations, asks nobody but the app for anything, and runs no script but its own.
"""

import gzip
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, expect, sync_playwright

from martlet._engine.describe.assets import DIRECTORY
from tests.serving import ROOT, Served, free_port, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PATIENCE = 30_000
PAGES = {"/docs": "#swagger-ui", "/redoc": ".redoc-wrap", "/scalar": ".scalar-app"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.fail("chromium is not installed: apt-get install chromium")
    if not (DIRECTORY / "index.json").exists():
        pytest.fail("what the pages are made of is not packed: scripts/assets")
    # Names are looked up nowhere: what is not at an address of this machine fails, and is seen to be asked for.
    flags = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@contextmanager
def serving_module(module: str, directory: Path) -> Iterator[Served]:
    """Serve the app of a module of this folder, under uvicorn."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", f"tests.browser.{module}:app", "--port", str(port)]
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    with serving(command, port, directory / "log", {"PYTHONPATH": path}) as served:
        yield served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_module("documented", tmp_path_factory.mktemp("served")) as each:
        yield each


@dataclass
class Reader:
    """Someone who looks at a page, and what they notice.

    Args:
        page: the page.
        home: where the app is.
        elsewhere: what was asked of others.
        complaints: what the console said: errors, and what the policy forbade.
        asked: what was asked of the app.
    """

    page: Page
    home: str
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", self.saw_request)
        self.page.on("console", self.saw_message)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def saw_request(self, request: Request) -> None:
        if request.url.startswith(self.home):
            self.asked.append(request.url.removeprefix(self.home))
        elif not request.url.startswith(("data:", "blob:")):
            self.elsewhere.append(request.url)

    def saw_message(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def opens(self, path: str, shows: str = "") -> None:
        """Open a page, and wait until it shows an operation."""
        self.page.goto(self.home + path)
        shown = self.page.locator(shows or PAGES[path]).get_by_text("Find a book").filter(visible=True).first
        expect(shown).to_be_visible(timeout=PATIENCE)

    def is_content(self) -> None:
        """Assert that nothing was asked of others, and that nothing went wrong."""
        self.page.wait_for_timeout(500)
        assert self.elsewhere == []
        assert self.complaints == []
        assert self.page.evaluate("window.ran") is None, "a script of others ran"


@pytest.fixture
def reader(chromium: Browser, served: Served) -> Iterator[Reader]:
    with chromium.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield Reader(context.new_page(), served.url)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_the_operations_and_asks_nobody_else(reader: Reader, path: str) -> None:
    reader.opens(path)
    reader.page.wait_for_timeout(1000)
    reader.is_content()
    assert reader.page.title().startswith("Bookshop")
    assert "/openapi.json" in reader.asked


@pytest.mark.parametrize(("path", "whole"), PAGES.items())
def test_no_text_of_the_app_runs_as_a_script(reader: Reader, path: str, whole: str) -> None:
    reader.opens("/evil" + path, shows=whole)
    reader.page.wait_for_timeout(1500)
    assert reader.page.evaluate("window.ran") is None
    assert reader.elsewhere == []
    if path != "/scalar":  # which writes a title of its own
        assert reader.page.title().startswith("</title><script>window.ran = 1</script> & 'more'")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_goes_with_dark_mode(chromium: Browser, served: Served, path: str) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        with chromium.new_context(color_scheme=scheme) as context:
            reader = Reader(context.new_page(), served.url)
            reader.opens(path)
            colours[scheme] = reader.page.evaluate("getComputedStyle(document.body).backgroundColor")
            reader.is_content()
    assert colours["light"] != colours["dark"]


@pytest.mark.parametrize("path", PAGES)
def test_what_was_loaded_once_is_kept(reader: Reader, path: str) -> None:
    reader.opens(path)
    sizes = "performance.getEntriesByType('resource').filter(e => e.name.includes('asset=')).map(e => e.transferSize)"
    assert all(size > 0 for size in reader.page.evaluate(sizes))
    reader.opens(path)
    assert set(reader.page.evaluate(sizes)) == {0}


def test_swagger_ui_tries_an_operation_out(reader: Reader) -> None:
    reader.opens("/docs")
    operation = reader.page.locator("#operations-books-find_book_books__book_id__get")
    operation.locator("button.opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("tr[data-param-name=book_id] input").fill("7")
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text("Emma", timeout=PATIENCE)
    assert "/books/7" in reader.asked
    reader.is_content()


def test_swagger_ui_shows_an_image_that_was_answered(reader: Reader) -> None:
    reader.opens("/docs")
    operation = reader.page.locator("#operations-books-read_cover_cover_get")
    operation.locator("button.opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    image = operation.locator(".live-responses-table img")
    expect(image).to_be_visible(timeout=PATIENCE)
    assert image.evaluate("image => image.naturalWidth") == 1
    reader.is_content()


def test_scalar_tries_an_operation_out(reader: Reader) -> None:
    reader.opens("/scalar")
    reader.page.get_by_role("button", name="Test Request").first.click()
    dialog = reader.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Send").first.click()
    expect(dialog).to_contain_text("Persuasion", timeout=PATIENCE)
    assert "/books" in reader.asked
    reader.is_content()


def test_redoc_searches(reader: Reader) -> None:
    reader.opens("/redoc")
    reader.page.locator("input[type=text]").first.fill("cover")
    expect(reader.page.locator("[data-role='search:results']")).to_contain_text("Read Cover", timeout=PATIENCE)
    reader.is_content()


def test_oauth2_brings_a_token_back(reader: Reader) -> None:
    reader.opens("/docs")
    reader.page.get_by_role("button", name="Authorize").first.click()
    dialog = reader.page.locator(".auth-container").first
    dialog.locator("input[id^=client_id]").first.fill("reader")
    with reader.page.expect_popup():
        dialog.locator("button.authorize").click()
    expect(dialog.get_by_text("Logout")).to_be_visible(timeout=PATIENCE)
    assert "/token" in reader.asked
    reader.page.get_by_role("button", name="Close").first.click()
    operation = reader.page.locator("#operations-books-read_me_me_get")
    operation.locator("button.opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text("token of c0de", timeout=PATIENCE)
    reader.is_content()


@pytest.mark.parametrize("path", ["/shop/here", "/behind/a/proxy/docs"])
def test_an_app_elsewhere_has_its_pages(reader: Reader, path: str) -> None:
    reader.opens(path, shows="#swagger-ui")
    reader.page.wait_for_timeout(500)
    reader.is_content()
    assert all(each.startswith(path.rpartition("/")[0]) for each in reader.asked)


def test_a_page_of_an_apps_own_is_not_held_back(reader: Reader) -> None:
    reader.opens("/own", shows="#swagger-ui")
    assert reader.page.evaluate("window.own") == 1


def test_what_comes_from_the_cdn_runs_under_the_policy(chromium: Browser, tmp_path: Path) -> None:
    files = json.loads((DIRECTORY / "index.json").read_bytes())["files"]
    roles = {
        "bundle.js": "swagger.js",
        ".css": "swagger.css",
        "standalone.js": "redoc.js",
        "api-reference@1": "scalar.js",
    }
    from_cdn = []

    def fulfil(route: Route) -> None:
        url = route.request.url
        from_cdn.append(url)
        entry = files[next(role for ending, role in roles.items() if url.endswith(ending))]
        body = gzip.decompress((DIRECTORY / (entry["name"] + ".gz")).read_bytes())
        route.fulfill(body=body, content_type=entry["type"])

    with serving_module("unpacked", tmp_path) as served, chromium.new_context() as context:
        context.route("https://cdn.jsdelivr.net/**", fulfil)
        reader = Reader(context.new_page(), served.url)
        for path in PAGES:
            reader.opens(path)
        assert (len(from_cdn), reader.complaints) == (4, [])
        assert reader.elsewhere == from_cdn
    assert served.printed.count("The docs pages load Swagger UI, ReDoc and Scalar from https://cdn.jsdelivr.net") == 1


def test_a_script_that_gets_into_a_page_does_not_run(reader: Reader) -> None:
    reader.opens("/docs")
    reader.page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = 1";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend", "<img src='data:,' onerror='window.ran = 2'>");
    }""")
    reader.page.wait_for_timeout(300)
    assert reader.page.evaluate("window.ran") is None
    assert len([each for each in reader.complaints if "Content Security Policy" in each]) == 2


def test_screenshots(chromium: Browser, served: Served, tmp_path: Path) -> None:
    """Make pictures for those who want to look: in the folder that MARTLET_SCREENSHOTS names."""
    into = Path(os.environ.get("MARTLET_SCREENSHOTS") or tmp_path)
    for scheme in ("light", "dark"):
        for name, width in (("wide", 1280), ("narrow", 390)):
            with chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
                for path, whole in PAGES.items():
                    page = context.new_page()
                    page.goto(served.url + path)
                    expect(page.locator(whole).get_by_text("Find a book").first).to_be_attached(timeout=PATIENCE)
                    page.wait_for_timeout(300)
                    assert page.evaluate("document.documentElement.scrollWidth") <= width, "it is wider than the screen"
                    page.screenshot(path=into / f"{path[1:]}-{scheme}-{name}.png")
