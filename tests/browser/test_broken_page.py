"""The page of `martlet dev` for code that does not start, in Chromium: it reloads itself when the code has changed."""

import shutil
import time
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, expect, sync_playwright

from tests.cli.dev.served import APP, dev
from tests.serving import free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_the_page_follows_the_code(tmp_path: Path) -> None:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.fail("chromium is not installed: apt-get install chromium")
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        said.append(message.text)

    port = free_port()
    with sync_playwright() as playwright, dev(tmp_path, "--port", str(port), text="def x(:\n") as running:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        running.wait_for("Fix the file")
        time.sleep(0.3)  # the watcher may begin later than the app
        page = browser.new_page()
        page.on("console", note)
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.locator("pre.details")).to_contain_text("SyntaxError")
        running.write("import nowhere_to_be_found\n")
        expect(page.locator("pre.details")).to_contain_text("nowhere_to_be_found", timeout=10_000)
        running.write(APP)
        expect(page.locator("body")).to_have_text('"one"', timeout=10_000)
        browser.close()
        assert running.end() == 0
    assert [line for line in said if not line.startswith("Failed to load resource")] == []
