"""The sums and the readings of `bench`, and that its programs answer what they should."""

import asyncio
import importlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import canned, instructions, load, results, server
from bench.server import MeasuringError, Server
from bench.workloads import BY_NAME, IN_PROCESS, UNDER_LOAD, Workload

PROGRAMS = Path(canned.__file__).parent / "apps"


@pytest.mark.parametrize("workload", IN_PROCESS, ids=lambda workload: workload.name)
@pytest.mark.parametrize("framework", command.FRAMEWORKS)
def test_programs_answer_alike(framework: str, workload: Workload) -> None:
    if framework not in instructions.ALIKE and workload.status != 200:
        pytest.skip("answers requests that fail in its own way")
    app = getattr(importlib.import_module(f"bench.apps.{framework}"), workload.factory)()
    sent = asyncio.run(canned.batch(app, canned.scope_of(workload), workload.content, 1))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    assert workload.check(sent[0]["status"], body) == ""


def test_martlet_runs_fastapi_s_program() -> None:
    ours, theirs = ((PROGRAMS / f"{name}.py").read_text() for name in ("martlet", "fastapi"))
    # Up to the first program there are the docstring and the imports, which the linter sorts each in its way.
    assert ours.partition("\ndef ")[2] == theirs.partition("\ndef ")[2].replace("fastapi", "martlet")
    assert "from martlet import Depends, FastAPI, Query" in ours


def test_a_wrong_answer_is_told() -> None:
    assert "status 500" in BY_NAME["json"].check(500, b"")
    assert "instead of" in BY_NAME["json"].check(200, b'{"message": "bye"}')
    assert BY_NAME["404"].check(404, b"anything") == ""


def test_what_wrk_says_is_read() -> None:
    assert load.answered("  12345 requests in 3.00s, 1.2MB read\n") == 12345
    for said in ("", "7 requests in 3s\nNon-2xx or 3xx responses: 2", "7 requests in 3s\n  Socket errors: connect 1"):
        with pytest.raises(MeasuringError):
            load.answered(said)


def test_wrk_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "")
    assert command.main(["--workloads", "json"]) == 2
    assert "apt-get install wrk" in capsys.readouterr().err


def test_cpu_time_counts_children() -> None:
    spin = "import time\nuntil = time.process_time() + 0.3\nwhile time.process_time() < until: pass\ntime.sleep(60)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {spin!r}])"
    with subprocess.Popen([sys.executable, "-c", outer]) as process:
        try:
            until = time.monotonic() + 30
            while (seen := Server(process, 0).cpu_seconds()) < 0.3 and time.monotonic() < until:
                time.sleep(0.05)
            children = [pid for pid in server._tree(process.pid) if pid != process.pid]
        finally:
            for pid in [*server._tree(process.pid)][::-1]:
                os.kill(pid, 9)
    assert seen >= 0.3
    assert len(children) == 1


def test_a_server_that_cannot_start_says_why() -> None:
    missing = Workload("none", "", "/", None)
    with pytest.raises(MeasuringError, match="ended before it listened"), server.serving("bare", missing, "uvicorn", 0):
        pass  # pragma: no cover


def test_instructions_are_the_difference_of_two_batches() -> None:
    small, large = canned.BATCHES
    assert instructions.requests([999, 50 + small * 7, 50 + large * 7, 1, 10 + small * 3, 10 + large * 3]) == [7, 3]
    assert instructions.total("version: 1\nevents: Ir\nsummary: 42\n\nfn=(1)\n") == 42
    with pytest.raises(MeasuringError):
        instructions.total("version: 1\n")


def test_unknown_names_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert instructions.main(["--workloads", "nope"]) == 2
    with pytest.raises(SystemExit):
        command.main(["--workloads", "nope"])
    assert "'nope' is none of json" in capsys.readouterr().err


def test_the_page_shows_medians_ratios_and_spread() -> None:
    rounds = {"martlet": {"json": [300.0, 100.0, 200.0]}, "fastapi": {"json": [50.0, 100.0, 100.0]}}
    text = results.page(rounds, results.Circumstances("python -m bench", "uvicorn", 3, 3.0))
    assert "| martlet | 200 |\n| fastapi | 100 |" in text
    assert "| martlet | 2.00 |\n| fastapi | 1.00 |" in text
    assert "| martlet | 0.50 to 1.50 |" in text
    assert "Do not edit" in text


def test_the_seven_workloads() -> None:
    assert [load.name for load in UNDER_LOAD] == ["json", "items", "orders", "list", "deps", "many", "sync"]
