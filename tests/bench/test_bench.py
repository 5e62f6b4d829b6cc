"""The sums and the readings of `bench`, and that its programs answer what they should."""

import asyncio
import gzip
import importlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import canned, chart, instructions, load, results, server, startup
from bench.contenders import CONTENDERS
from bench.server import MeasuringError, Server
from bench.workloads import BY_NAME, IN_PROCESS, PLAIN, Workload

PROGRAMS = Path(canned.__file__).parent / "apps"


@pytest.mark.parametrize("workload", IN_PROCESS, ids=lambda workload: workload.name)
@pytest.mark.parametrize("framework", ["martlet", "fastapi", "starlette", "litestar", "falcon", "bare"])
def test_programs_answer_alike(framework: str, workload: Workload) -> None:
    if not CONTENDERS[framework].can(workload) or (framework not in instructions.ALIKE and workload.is_fastapi_s):
        pytest.skip("answers in its own way, or not at all")
    app = getattr(importlib.import_module(f"bench.apps.{framework}"), workload.factory)()
    sent = asyncio.run(canned.batch(app, canned.scope_of(workload), workload.content, 1))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    if dict(sent[0]["headers"]).get(b"content-encoding") == b"gzip":
        body = gzip.decompress(body)
    assert workload.check(sent[0]["status"], body) == ""


def test_martlet_runs_fastapi_s_program() -> None:
    ours, theirs = ((PROGRAMS / f"{name}.py").read_text() for name in ("martlet", "fastapi"))
    # Up to the first program there are the docstring and the imports, which the linter sorts each in its way.
    assert ours.partition("\ndef ")[2] == theirs.partition("\ndef ")[2].replace("fastapi", "martlet")
    assert "from martlet import" in ours


def test_a_wrong_answer_is_told() -> None:
    assert "status 500" in BY_NAME["json"].check(500, b"")
    assert "instead of" in BY_NAME["json"].check(200, b'{"message": "bye"}')
    assert BY_NAME["404"].check(404, b"anything") == ""


def test_what_wrk_says_is_read() -> None:
    assert load.answered("  12345 requests in 3.00s, 1.2MB read\n") == 12345
    for said in ("", "7 requests in 3s\nNon-2xx or 3xx responses: 2", "7 requests in 3s\n  Socket errors: connect 1"):
        with pytest.raises(MeasuringError):
            load.answered(said)
    assert load.answered("7 requests in 3s\nNon-2xx or 3xx responses: 7", status=422) == 7


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
    with pytest.raises(MeasuringError, match="ended before"), server.serving(CONTENDERS["bare"], missing, 0):
        pass  # pragma: no cover


def test_a_server_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ENDS_WITHIN", 0.1)
    program = "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True)\n"
    program += "subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        server._stop(process)
        assert process.wait() == -signal.SIGKILL


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
    text = results.page(rounds, results.Circumstances("python -m bench", 3, 3.0))
    assert "| martlet | 200 |\n| fastapi | 100 |" in text
    assert "| martlet | 2.00 |\n| fastapi | 1.00 |" in text
    assert "| martlet | 0.50 to 1.50 |" in text
    assert "Do not edit" in text


def test_what_cannot_be_measured_here_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert command.present(["bare", "fastify"]) == ["bare"]
    assert capsys.readouterr().out == "fastify is left out: node is not installed\n"


def test_the_means_are_of_those_who_have_all() -> None:
    whole = dict.fromkeys(results.COMMON, 2.0) | {"json": 2.0 * 3**5}
    assert results.geometric_means({"a": whole, "b": {"json": 1.0}}) == {"a": pytest.approx(6.0)}


def test_the_chart_shows_times_fastapi_by_workload() -> None:
    middle = {"martlet": {"json": 300.0, "deps": 100.0}, "fastapi": {"json": 100.0}, "bare": {"json": 900.0}}
    texts = re.findall("<text[^>]*>([^<]*)</text>", chart.chart(middle))
    assert texts[1:] == ["json", "3.0 martlet", "1.0 fastapi"]
    assert chart.chart({}).count("<rect") == 0


def test_messages_are_counted_on_a_real_socket() -> None:
    with server.serving(CONTENDERS["martlet"], BY_NAME["ws"], 0) as running:
        assert load.drive(running, BY_NAME["ws"], 0.2, 0) > 0


def test_the_seven_workloads() -> None:
    assert [load.name for load in PLAIN] == ["json", "items", "orders", "list", "deps", "many", "sync"]


def test_what_it_costs_to_start_is_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "COUNTS", (2, 3))
    assert startup.main(["--rounds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| parts", "| martlet", "| fastapi"]
    assert all(float(cell.replace(",", "")) >= 0 for cell in lines[3].strip("| ").split(" | ")[1:])
