"""`martlet run` as a process of its own: what it prints, how it is told to stop, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx2
import pytest

from tests.cli.programs import Program
from tests.servers.rounds import play, problems, started
from tests.serving import ROOT, Served, free_port, serving

BOTH = pytest.mark.parametrize("server", ["uvicorn", "granian"])
SHOP = """
    import os
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager
    from martlet import FastAPI, Request

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        yield {"from": "the lifespan"}

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None)

    @app.get("/health")
    async def health(request: Request) -> dict[str, object]:
        return {"pid": os.getpid(), "url": str(request.url), "client": request.client, "state": request.state["from"]}
    """


@contextmanager
def running(
    program: Program, *options: str, health: str = "", env: dict[str, str] | None = None
) -> Iterator[tuple[Served, httpx2.Client]]:
    """Run `martlet run` in the program's folder."""
    port = free_port()
    command = [sys.executable, "-m", "martlet", "run", "--port", str(port), *options]
    with (
        serving(command, port, program.folder / "log", {"PYTHONPATH": str(ROOT), **(env or {})}) as served,
        httpx2.Client(base_url=served.url, timeout=10) as client,
    ):
        yield served, client


def until(true: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 20
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"waited in vain for: {what}")
        time.sleep(0.05)


# ---------------------------------------------------------------------------------------------------------------- drain


@BOTH
@pytest.mark.parametrize("talks", [False, True], ids=["requests", "and WebSockets"])
def test_sigterm_under_load_loses_nothing_that_has_begun(server: str, talks: bool, tmp_path: Path) -> None:
    outcome = play(tmp_path, "--server", server, "--drain", "5", talks=talks)
    assert not problems(outcome, 5, talks=talks), outcome.printed


@BOTH
def test_what_is_not_at_its_end_is_named_and_cut_off(server: str, tmp_path: Path) -> None:
    for served in started(tmp_path, "--server", server, "--drain", "2"):
        asking = [ask(served, "/for/9"), ask(served, "/task/9")]
        until(lambda: "mail begins" in (tmp_path / "journal").read_text(), "both to begin")
        until(lambda: "request begins" in (tmp_path / "journal").read_text(), "both to begin")
        began = time.monotonic()
        assert served.end(signal.SIGTERM) == 1
        assert 1.5 < time.monotonic() - began < 3
        for each in asking:
            each.kill()
            each.wait()
        assert "SIGTERM: 2 in progress, which may take 1.6 s more" in served.printed
        assert "Cut off: GET /for/9, at" in served.printed
        assert "Cut off: GET /task/9, background task send_mail, at" in served.printed
        assert "draining.py:" in served.printed
        assert "Traceback" not in served.printed
    journal = (tmp_path / "journal").read_text()
    assert {"request ends 9.0", "mail ends 9.0"} <= set(journal.splitlines())
    assert "lifespan ends" in journal


@BOTH
def test_a_blocked_loop_is_named_and_ended_at_the_deadline(server: str, tmp_path: Path) -> None:
    for served in started(tmp_path, "--server", server, "--drain", "1"):
        asking = ask(served, "/block/9")
        until(lambda: "block begins" in (tmp_path / "journal").read_text(), "it to begin")
        began = time.monotonic()
        assert served.end(signal.SIGTERM) == 1
        assert time.monotonic() - began < 2
        asking.kill()
        asking.wait()
        assert "Not at an end after 1 s: the process is ended." in served.printed
        assert "Blocks the loop: GET /block/9, at" in served.printed


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    for served in started(tmp_path):
        asking = ask(served, "/for/9")
        until(lambda: "request begins" in (tmp_path / "journal").read_text(), "it to begin")
        served.process.send_signal(signal.SIGINT)
        until(lambda: "SIGINT: 1 in progress" in (tmp_path / "log").read_text(), "it to be told")
        assert served.process.poll() is None
        assert served.end(signal.SIGINT) == 1
        asking.kill()
        asking.wait()
        assert "Cut off: GET /for/9" in served.printed


def test_who_asks_on_a_kept_connection_while_it_stops_is_answered(tmp_path: Path) -> None:
    for served in started(tmp_path, "--log-format", "json"):
        with httpx2.Client(base_url=served.url) as client:
            assert "connection" not in client.get("/health").headers
            served.process.send_signal(signal.SIGTERM)
            until(lambda: "SIGTERM" in (tmp_path / "log").read_text(), "it to be told")
            last = client.get("/health")
            assert (last.json(), last.headers["connection"]) == ("ok", "close")
            assert served.process.wait(5) == 0
            with pytest.raises(httpx2.ConnectError):
                client.get("/health")


def test_granian_waits_for_a_request_whose_client_has_left(tmp_path: Path) -> None:
    for served in started(tmp_path, "--server", "granian"):
        asking = ask(served, "/for/1.5")
        until(lambda: "request begins" in (tmp_path / "journal").read_text(), "it to begin")
        asking.kill()
        asking.wait()
        assert served.end(signal.SIGTERM) == 0
    assert "request ends 1.5" in (tmp_path / "journal").read_text()


def ask(served: Served, path: str) -> "subprocess.Popen[bytes]":
    """Ask for something in a process of its own."""
    code = f"import urllib.request as r; r.urlopen('{served.url}{path}').read()"
    return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)


# -------------------------------------------------------------------------------------------------------------- options


@BOTH
def test_it_says_where_it_is_once_it_accepts(server: str, program: Program) -> None:
    program.write(SHOP)
    with running(program, "--server", server) as (served, client):
        until(lambda: "Ctrl-C stops" in served.printed, "the greeting")
        assert client.get("/health").json()["state"] == "the lifespan"
        lines = served.printed.splitlines()
        assert served.end(signal.SIGTERM) == 0
    title = next(line for line in lines if "martlet" in line)
    assert title.split()[2:5] == ["run", "main:app", "ready"]
    assert f"  App    {served.url}" in lines
    assert not any("Docs" in line for line in lines)
    protocol = {"uvicorn": "ASGI", "granian": "RSGI"}[server]
    assert any(f"1 worker · {server}, {protocol} · drains for 25 s" in line for line in lines)
    assert '"GET /health HTTP/1.1" 200' in served.printed


@BOTH
@pytest.mark.parametrize("interface", ["asgi", "auto"])
def test_proxies_are_believed(server: str, interface: str, program: Program) -> None:
    program.write(SHOP)
    told = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
    with running(program, "--server", server, "--interface", interface) as (served, client):
        answer = client.get("/health", headers=told).json()
        assert answer["url"].startswith("https://")
        assert answer["client"][0] == "203.0.113.9"
        assert client.get("/health").json()["client"][0] == "127.0.0.1"
    with running(program, "--server", server, "--interface", interface, "--no-proxy-headers") as (served, client):
        assert client.get("/health", headers=told).json()["client"][0] == "127.0.0.1"
    options = ("--server", server, "--interface", interface)
    with running(program, *options, env={"FORWARDED_ALLOW_IPS": "192.0.2.1"}) as (served, client):
        assert client.get("/health", headers=told).json()["url"] == f"{served.url}/health"


@BOTH
def test_a_root_path_is_put_before_the_paths(server: str, program: Program) -> None:
    program.write(SHOP)
    with running(program, "--server", server, "--root-path", "/shop") as (served, client):
        assert client.get("/health").json()["url"] == f"{served.url}/shop/health"


@BOTH
def test_the_health_path_is_answered_without_the_app(server: str, program: Program) -> None:
    program.write(SHOP)
    with running(program, "--server", server, "--health", "/live", "--verbose") as (served, client):
        answer = client.get("/live")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert client.get("/health").status_code == 200
        assert "main, by the usual places, imported from" in served.printed
        assert served.end(signal.SIGTERM) == 0


def test_a_unix_socket(program: Program) -> None:
    program.write(SHOP)
    path = program.folder / "s"
    for server in ("uvicorn", "granian"):
        command = [sys.executable, "-m", "martlet", "run", "--uds", str(path), "--server", server]
        with (program.folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=program.folder, stdout=log, stderr=log)
        try:
            until(lambda: "Ctrl-C stops" in (program.folder / "log").read_text(), "the greeting")
            with httpx2.Client(transport=httpx2.HTTPTransport(uds=str(path))) as client:
                assert client.get("http://shop/health").json()["state"] == "the lifespan"
            assert f"  App    unix:{path}" in (program.folder / "log").read_text()
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        assert not path.exists()


def test_logs_are_lines_of_json(program: Program) -> None:
    program.write(SHOP + "\n    import logging\n    logging.getLogger('shop').warning('opened')\n")
    with running(program, "--log-format", "json", "--server", "granian") as (served, client):
        client.get("/health")
        until(lambda: "ready in" in served.printed, "the greeting")
        assert served.end(signal.SIGTERM) == 0
    records = [json.loads(line) for line in served.printed.splitlines()]
    assert {"logger": "shop", "level": "warning", "message": "opened"}.items() <= records[0].items()
    assert any(record.get("url") == served.url and "ready in" in record["message"] for record in records)
    assert any(record.get("path") == "/health" and record["status"] == 200 for record in records)


def test_as_fastapi_in_every_worker(program: Program) -> None:
    program.write(SHOP.replace("from martlet", "from fastapi") + "\n    print('made by', FastAPI.__module__)\n")
    made = "made by martlet.applications"
    with running(program, "--as-fastapi", "--workers", "2", "--no-access-log") as (served, _):
        until(lambda: served.printed.count(made) == 2, "both workers")
        assert served.end(signal.SIGTERM) == 0, served.printed


def test_reload_is_what_dev_does(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from martlet.cli.commands import dev

    monkeypatch.setattr(dev, "run", lambda arguments: 7 if arguments.host == "0.0.0.0" else 1)
    assert program.run("run", "--reload").code == 7
    said = program.run("run", "--reload", "--workers", "2")
    assert (said.code, "exclude each other" in said.out) == (2, True)


# -------------------------------------------------------------------------------------------------------------- workers


@BOTH
def test_workers_share_the_port_and_are_replaced_and_renewed(server: str, program: Program) -> None:
    program.write(SHOP)
    with running(program, "--workers", "2", "--server", server, "--no-access-log", "--drain", "5") as (served, _):
        until(lambda: "2 workers" in served.printed, "the greeting")
        first = workers(served)
        assert len(first) == 2
        os.kill(min(first), signal.SIGKILL)
        until(lambda: len(workers(served) - first) == 1, "another worker")
        assert f"Worker {min(first)} has died (exit code -9): another takes its place." in served.printed
        second = workers(served)
        until(lambda: {httpx2.get(f"{served.url}/health").json()["pid"]} - first, "it to serve")
        program.write(SHOP.replace("the lifespan", "the new code"))
        served.process.send_signal(signal.SIGHUP)
        until(lambda: not second & workers(served), "new workers")
        assert {httpx2.get(f"{served.url}/health").json()["state"] for _ in range(5)} == {"the new code"}
        program.write("import nothing_that_is_there")
        served.process.send_signal(signal.SIGHUP)
        until(lambda: served.printed.count("stays.") == 2, "both to give up")
        assert "A new worker cannot serve: Cannot import main" in served.printed
        assert {httpx2.get(f"{served.url}/health").json()["state"] for _ in range(5)} == {"the new code"}
        last = workers(served)
        assert len(last) == 2
        assert served.end(signal.SIGTERM) == 0
        for pid in last:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


def test_as_many_workers_are_left_as_there_were_whatever_happens_while_they_are_renewed(program: Program) -> None:
    program.write(SHOP)
    with running(program, "--workers", "2", "--no-access-log", "--drain", "5") as (served, _):
        until(lambda: "2 workers" in served.printed, "the greeting")
        first = workers(served)
        program.write(SHOP + "\n    import time\n    time.sleep(1)\n")
        for count in (4, 6):  # those of the first signal are still starting at the second
            served.process.send_signal(signal.SIGHUP)
            until(partial(there_are, count, served), f"{count} workers")
        until(partial(there_are, 2, served), "two to be left")
        second = workers(served)
        assert not first & second
        served.process.send_signal(signal.SIGHUP)
        until(partial(there_are, 4, served), "new workers")
        os.kill(min(second), signal.SIGKILL)
        until(lambda: "the one that was to replace it does" in served.printed, "word of it")
        until(lambda: len(workers(served)) == 2 and not second & workers(served), "two new ones to be left")
        time.sleep(0.5)
        assert there_are(2, served)
        assert served.end(signal.SIGTERM) == 0


def there_are(count: int, served: Served) -> bool:
    return len(workers(served)) == count


def workers(served: Served) -> set[int]:
    """Return the supervisor's processes, without the one that Python keeps beside them."""
    pid = served.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()}


def test_workers_do_not_outlive_the_supervisor(program: Program) -> None:
    program.write(SHOP)
    with running(program, "--workers", "2", "--no-access-log") as (served, _):
        until(lambda: "2 workers" in served.printed, "the greeting")
        served.process.kill()
        served.process.wait()
        until(lambda: served.printed.count("Stopped after") == 2, "both to stop")


def test_a_worker_that_cannot_even_end_itself_is_killed(program: Program) -> None:
    program.write(SHOP)
    with running(program, "--workers", "2", "--drain", "1", "--no-access-log") as (served, _):
        until(lambda: "2 workers" in served.printed, "the greeting")
        frozen = min(workers(served))
        os.kill(frozen, signal.SIGSTOP)
        for again in (signal.SIGTERM, signal.SIGTERM, signal.SIGHUP):
            served.process.send_signal(again)
            time.sleep(0.1)
        assert served.process.wait(10) == 1
        assert f"Worker {frozen} has not ended in time: it is killed." in served.printed


def test_workers_that_are_still_starting_have_nothing_to_drain(program: Program) -> None:
    program.write(SHOP + "\n    import time\n    print('imported', flush=True)\n    time.sleep(9)\n")
    with (program.folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "martlet", "run", "--port", str(free_port()), "--workers", "2"]
        process = subprocess.Popen(command, cwd=program.folder, stdout=log, stderr=log)
    until(lambda: (program.folder / "log").read_text().count("imported") == 2, "both to import the app")
    process.terminate()
    assert process.wait(10) == 0


# ---------------------------------------------------------------------------------------------------- what can go wrong


@pytest.mark.parametrize("count", ["1", "2"])
def test_code_that_does_not_import(count: str, program: Program) -> None:
    program.write("import nothing_that_is_there")
    said = fails(program, "--workers", count)
    assert said.returncode == 3
    assert "Cannot import main" in said.stdout
    assert "MARTLET-E101" in said.stdout
    assert "Traceback" not in said.stdout + said.stderr


@BOTH
@pytest.mark.parametrize("interface", ["asgi", "auto"])
def test_an_app_that_does_not_start(server: str, interface: str, program: Program) -> None:
    program.write(SHOP.replace("yield {", "raise RuntimeError('no database'); yield {"))
    said = fails(program, "--server", server, "--interface", interface)
    assert said.returncode == 1
    assert "RuntimeError: no database" in said.stdout
    assert "main.py:" in said.stdout
    assert "MARTLET-E108" in said.stdout


def test_a_worker_that_dies_before_it_is_ready(program: Program) -> None:
    program.write("import os; os._exit(9)")
    said = fails(program, "--workers", "2")
    assert said.returncode == 1
    assert "A worker ended before it was ready, with exit code 9" in said.stdout


def fails(program: Program, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "martlet", "run", "--port", str(free_port()), *options]
    return subprocess.run(command, cwd=program.folder, capture_output=True, text=True, timeout=40, check=False)


def test_a_port_in_use(program: Program) -> None:
    program.write(SHOP)
    with socket.create_server(("0.0.0.0", 0)) as other:
        said = program.run("run", "--port", str(other.getsockname()[1]))
    assert said.code == 1
    assert "is in use by" in said.out
    assert "MARTLET-E110" in said.out


@pytest.mark.parametrize(
    ("server", "missing", "extra"),
    [("granian", "granian", "granian"), ("uvicorn", "uvicorn", "standard"), ("uvicorn", "httptools", "standard")],
)
def test_a_server_that_is_not_installed(
    server: str, missing: str, extra: str, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.write(SHOP)
    monkeypatch.setattr("martlet.cli.commands.run.find_spec", lambda name: None if name == missing else name)
    said = program.run("run", "--server", server)
    assert said.code == 1
    assert f"needs {missing}, which is not installed" in said.out
    assert f"Try: pip install 'martlet[{extra}]'" in said.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--drain", "0"), "--drain 0 leaves no time to stop"),
        (("--workers", "0"), "'0' is no number of workers"),
        (("--port", "65536"), "'65536' is no port"),
        (("--health", "live"), "--health live is no path"),
        (("--interface", "rsgi"), "--interface rsgi is for Granian alone"),
        (("--uds", "s", "--port", "1"), "--uds stands instead of --host and --port"),
        (("--server", "gunicorn"), "invalid choice: 'gunicorn'"),
        (("--workes", "2"), "Did you mean --workers?"),
    ],
)
def test_arguments_that_make_no_sense(arguments: tuple[str, ...], sentence: str, program: Program) -> None:
    program.write(SHOP)
    said = program.run("run", *arguments)
    assert said.code == 2
    assert sentence in said.out


def test_the_number_of_workers_comes_from_the_environment(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.write(SHOP)
    monkeypatch.setenv("WEB_CONCURRENCY", "many")
    assert "'many' is no number of workers" in program.run("run").out


def test_every_option_of_fastapis_is_taken(program: Program) -> None:
    with pytest.raises(SystemExit):
        program.run("run", "--help")
    said = program.capsys.readouterr()
    for option in (
        "--host", "--port", "--reload", "--no-reload", "--workers", "--root-path", "--app", "--entrypoint", "-e",
        "--proxy-headers", "--no-proxy-headers", "--forwarded-allow-ips", "--verbose", "-v", "--help", "-h",
    ):  # fmt: skip
        assert option in said.out
