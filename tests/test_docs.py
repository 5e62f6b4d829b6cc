"""Every Python block of the documentation runs, warnings being errors.

The blocks of one page share a namespace, in order. A block fenced as `output` holds what the blocks since the last one
printed. Code that is not to run is not fenced as `python`.
"""

import contextlib
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)]+)\)")
FENCED = re.compile(r"^```(python|output)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: what it is, its text, and the line of the page it begins on."""

    kind: str
    text: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    for found in FENCED.finditer(page):
        yield Block(found[1], found[2], page.count("\n", 0, found.start(2)) + 1)


def execute(page: Path, text: str) -> None:
    """Run the blocks of a page; tracebacks name its file and lines."""
    names = {"__name__": f"docs.{page.stem}"}
    printed = io.StringIO()
    for block in blocks(text):
        if block.kind == "output":
            assert printed.getvalue() == block.text, f"{page}:{block.line}: this is not what the code above prints"
            printed = io.StringIO()
            continue
        code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, names)


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_the_code_of_a_page_runs(page: Path) -> None:
    execute(page, page.read_text(encoding="utf-8"))


def test_the_site_leads_to_every_page() -> None:
    site = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert sorted(pages_of(site["nav"])) == sorted(pages)


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_links_lead_to_what_is_there(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target.partition("#")[0]).exists(), target


def pages_of(nav: Any) -> Iterator[str]:
    for each in nav if isinstance(nav, list) else nav.values():
        if isinstance(each, str):
            yield each
        else:
            yield from pages_of(each)


def test_a_page_that_shows_another_output_is_refused() -> None:
    with pytest.raises(AssertionError, match=r"page\.md:5: this is not"):
        execute(Path("page.md"), "```python\nprint(1)\n```\n```output\n2\n```\n")


def test_blocks_share_names_and_say_where_they_fail() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        execute(Path("page.md"), "```python\nzero = 0\n```\ntext\n```python\n1 / zero\n```\n")
    assert caught.traceback[-1].lineno == 5
