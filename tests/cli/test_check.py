"""`martlet check`: what it prints, which exit code it ends with, and what is left out on purpose."""

import pytest

from martlet import dropin
from martlet.cli.checks.findings import RULES
from tests.cli.programs import Program

CLEAN = """
    from martlet import Martlet
    app = Martlet(openapi_url=None)
"""
NOTED = """
    from martlet import Martlet
    app = Martlet()
"""
WRONG = """
    import time
    from martlet import FastAPI
    app = FastAPI()

    @app.get("/")
    async def slow():
        time.sleep(1)
"""


def test_nothing_is_found(program: Program) -> None:
    program.write(CLEAN)
    said = program.run("check")
    assert (said.code, said.out, said.err) == (0, "✓ main:app: no problems, no notes\n", "")


def test_notes_count_only_if_they_are_to(program: Program) -> None:
    program.write(NOTED)
    said = program.run("check")
    assert said.code == 0
    assert said.out.splitlines() == [
        "· main.py:3  public docs  MARTLET-C203",
        "    Anybody who reaches the app can read /docs, /redoc, /openapi.json",
        "    If the API is not a public one: openapi_url=None where it runs, or a proxy that keeps these paths.",
        "✓ main:app: no problems, 1 note",
    ]
    strict = program.run("check", "--strict")
    assert (strict.code, strict.out.splitlines()[-1]) == (4, "✗ main:app: no problems, 1 note")


def test_problems_come_first_and_fail(program: Program) -> None:
    program.write(WRONG)
    said = program.run("check")
    assert said.code == 4
    assert said.out.splitlines()[0] == "✗ main.py:8  blocking call  MARTLET-C103"
    assert said.out.splitlines()[-1] == "✗ main:app: 1 problem, 2 notes"


def test_findings_are_data(program: Program) -> None:
    program.write(WRONG)
    said = program.run("check", "--json")
    assert said.code == 4
    assert said.data["app"] == "main:app"
    assert said.data["findings"][0] == {
        "code": "MARTLET-C103",
        "name": "blocking call",
        "level": "problem",
        "file": str(program.folder / "main.py"),
        "line": 8,
        "message": "time.sleep() blocks the event loop in async slow: it sleeps, and so do all requests",
        "advice": "Use await asyncio.sleep(...); or a plain `def` for the endpoint or dependency, "
        "which then runs in a thread.",
    }


@pytest.mark.parametrize("said", [["--ignore", "MARTLET-C103,martlet-c203"], ["--ignore", "MARTLET-C103"]])
def test_rules_are_left_out(program: Program, said: list[str]) -> None:
    program.write(WRONG)
    assert program.run("check", *said).code == 0


def test_an_unknown_rule_is_refused(program: Program) -> None:
    said = program.run("check", "--ignore", "C1")
    assert said.code == 2
    assert "There is no rule C1" in said.err
    assert ", ".join(RULES) in said.err


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("# martlet: ignore", 0),
        ("# martlet: ignore[MARTLET-C103]", 0),
        ("# martlet:ignore[MARTLET-C999, MARTLET-C103] - at startup only", 0),
        ("# martlet: ignore[MARTLET-C999]", 4),
    ],
)
def test_a_line_may_say_that_it_is_meant(program: Program, comment: str, code: int) -> None:
    program.write(WRONG.replace("sleep(1)", f"sleep(1)  {comment}"))
    assert program.run("check").code == code


def surveyed(*reaches: dropin.Reach, installs: bool = False) -> dropin.Surveyed:
    return dropin.Surveyed("guest", "1.0", reaches, installs=installs)


def reach(*, present: bool) -> dropin.Reach:
    return dropin.Reach(
        name="fastapi.routing._secret",
        file="guest/a.py",
        line=3,
        private=True,
        present=present,
        guarded=False,
        replaced=False,
    )


@pytest.mark.parametrize(
    ("found", "code", "told"),
    [
        ([], 0, "No installed package imports fastapi."),
        ([surveyed()], 0, "  works  guest 1.0: uses what is documented"),
        ([surveyed(reach(present=True))], 0, "  works  guest 1.0: reaches for routing._secret"),
        ([surveyed(reach(present=False))], 4, "  FAILS  guest 1.0: reaches for routing._secret"),
        ([surveyed(installs=True)], 4, "guest 1.0 calls martlet.dropin.install(), which is for applications only"),
    ],
)
def test_packages_are_looked_over_where_fastapi_means_martlet(
    program: Program, monkeypatch: pytest.MonkeyPatch, found: list[dropin.Surveyed], code: int, told: str
) -> None:
    monkeypatch.setattr("martlet.cli.checks.packages.survey", lambda: found)
    monkeypatch.setattr("martlet.dropin.install", lambda: None)
    program.write(CLEAN)
    said = program.run("check", "--as-fastapi")
    assert (said.code, said.err) == (code, "")
    assert told in said.out
    if code:
        assert "package that needs FastAPI itself  MARTLET-C108" in said.out
    data = program.run("check", "--as-fastapi", "--json").data
    assert [package["works"] for package in data["packages"]] == [package.works for package in found]
