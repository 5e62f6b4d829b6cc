"""`martlet dev` as its users see it: real processes, real sockets, a real terminal where Ctrl-C matters."""

import os
import re
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.cli.dev.served import APP, PATIENCE, ask, dev, is_running
from tests.serving import free_port

TWO = APP.replace("one", "two")


def wait_until_gone(pids: list[int]) -> None:
    until = time.monotonic() + PATIENCE
    while any(map(is_running, pids)):
        assert time.monotonic() < until, f"still there: {pids}"
        time.sleep(0.02)


def test_it_serves_prints_and_ends_by_ctrl_c(tmp_path: Path) -> None:
    with dev(tmp_path, terminal=True) as running:
        url = running.ready()
        running.wait_for(rf"Docs +{url}/docs")
        running.wait_for("1 route +Ctrl-C stops")
        assert ask(url).json() == "one"
        running.wait_for(r"\n \d\d:\d\d:\d\d  200  GET   / +\d+\.\d ms\n")
        children = running.children()
        assert len(children) == 2
        os.write(running.out, b"\x03")
        assert running.wait() == 0
        assert "Traceback" not in running.printed
        wait_until_gone(children)


def test_changes_are_served(tmp_path: Path) -> None:
    with dev(tmp_path) as running:
        url = running.ready()
        running.write(TWO)
        running.wait_for(r"changed: main\.py\n +ready in \d+ ms\n")
        assert ask(url).json() == "two"
        running.write("from fastapy import FastAPI\n")
        running.wait_for(r"✗ Cannot import main +MARTLET-E101\n +main\.py:1   from fastapy import FastAPI\n")
        running.wait_for("did you mean 'fastapi'")
        running.wait_for("Fix the file: it is being watched, and starts as soon as it imports")
        answer = ask(url, headers={"accept": "text/html"})
        assert answer.status_code == 503
        assert "Cannot import main" in answer.text
        running.write(APP)
        running.wait_for(r"changed: main\.py\n +ready in \d+ ms\n")
        assert ask(url).json() == "one"
        assert running.end() == 0


def test_it_starts_with_broken_code_and_greets_when_that_is_mended(tmp_path: Path) -> None:
    with dev(tmp_path, text="def x(:\n") as running:
        running.wait_for("SyntaxError: invalid syntax")
        running.wait_for("Fix the file")
        time.sleep(0.3)  # the watcher may begin later than the app
        running.write(APP)
        assert ask(running.ready()).json() == "one"
        assert running.end(signal.SIGTERM) == 0


def test_the_page_of_broken_code_is_answered_at_once_when_that_is_mended(tmp_path: Path) -> None:
    with dev(tmp_path, "--port", str(port := free_port()), text="import nowhere_to_be_found\n") as running:
        running.wait_for("Fix the file, or save it anew when the package is there")
        time.sleep(0.3)  # the watcher may begin later than the app
        with ThreadPoolExecutor() as threads:
            waiting = threads.submit(ask, f"http://127.0.0.1:{port}/", headers={"martlet-wait": "1"})
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
            began = time.monotonic()
            running.write(APP)
            assert waiting.result(PATIENCE).status_code == 503
            assert ask(running.ready()).json() == "one"
            assert time.monotonic() - began < 10
        assert running.end() == 0


def test_the_old_app_has_ended_before_the_new_one_starts(tmp_path: Path) -> None:
    text = """
        from contextlib import asynccontextmanager
        from martlet import FastAPI

        def note(text):
            with open("log.txt", "a") as log:
                log.write(text + " ")

        @asynccontextmanager
        async def lifespan(app):
            note("up")
            yield
            note("down")

        app = FastAPI(lifespan=lifespan)
        note("imported")
    """
    with dev(tmp_path, text=text, terminal=True) as running:
        running.ready()
        running.write(text + "\n        # changed\n")
        running.wait_for(r"changed: main\.py\n +ready")
        os.write(running.out, b"\x03")
        assert running.wait() == 0
    log = (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert re.sub("imported ", "", log) == "up down up down "


@pytest.mark.parametrize(("options", "code"), [(("--no-reload",), 3), (("--no-reload", "--app", "nope"), 1)])
def test_without_reload_an_app_that_cannot_be_imported_ends_it(
    tmp_path: Path, options: tuple[str, ...], code: int
) -> None:
    text = "import nowhere_at_all\n" if code == 3 else APP
    with dev(tmp_path, *options, text=text) as running:
        assert running.wait() == code
        assert "✗ " in running.printed
        assert "being watched" not in running.printed


def test_without_reload(tmp_path: Path) -> None:
    with dev(tmp_path, "--no-reload", terminal=True) as running:
        url = running.ready()
        running.wait_for("Changes are not watched")
        assert ask(url).json() == "one"
        os.write(running.out, b"\x03")
        assert running.wait() == 0


FAILS_TO_START = """
    from martlet import FastAPI

    async def lifespan(app):
        raise OSError("no database")
        yield

    app = FastAPI(lifespan=lifespan)
"""


def test_an_app_that_does_not_start(tmp_path: Path) -> None:
    with dev(tmp_path, text=FAILS_TO_START) as running:
        running.wait_for(r"✗ main:app does not start: its lifespan fails +MARTLET-E108\n")
        running.wait_for(r'main\.py:5   raise OSError\("no database"\)\n +OSError: no database\n')
        time.sleep(0.3)
        running.write(APP)
        assert ask(running.ready()).json() == "one"


def test_an_app_that_does_not_start_without_reload(tmp_path: Path) -> None:
    with dev(tmp_path, "--no-reload", text=FAILS_TO_START) as running:
        assert running.wait() == 1
        assert "MARTLET-E108" in running.printed


def test_a_server_that_cannot_be_used_is_no_failure_of_the_lifespan(tmp_path: Path) -> None:
    text = APP + "\n    import sys, uvicorn\n    uvicorn.Server.startup = lambda *_, **__: sys.exit(9)\n"
    with dev(tmp_path, "--no-reload", text=text) as running:
        assert running.wait() == 9


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with dev(tmp_path, "--port", str(port)) as running:
            assert running.wait() == 1
    assert f"✗ Port {port} is in use by " in running.printed
    assert f"(pid {os.getpid()})" in running.printed
    assert "MARTLET-E110" in running.printed
    assert "Try: martlet dev --port " in running.printed


CRASHES = """
    import os
    from martlet import FastAPI

    app = FastAPI()

    @app.get("/crash")
    async def crash() -> None:
        os._exit(7)

    @app.get("/signal")
    async def kill() -> None:
        os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize(("path", "how"), [("/crash", "with exit code 7"), ("/signal", "by SIGKILL")])
def test_a_process_that_ends_by_itself(tmp_path: Path, path: str, how: str) -> None:
    with dev(tmp_path, text=CRASHES) as running:
        url = running.ready()
        with pytest.raises(httpx2.TransportError):
            ask(url + path)
        running.wait_for(f"✗ The process of main:? ?.*ended {how}|✗ The process of main.* ended {how}")
        assert ask(url).status_code == 503
        running.write(APP)
        running.wait_for(r"changed: main\.py\n +ready in \d+ ms\n")
        assert ask(url).json() == "one"


def test_a_slow_import_is_interrupted_by_changes_and_ctrl_c(tmp_path: Path) -> None:
    slow = "print('importing', flush=True)\nimport time\ntime.sleep(60)\n"
    with dev(tmp_path, text=slow, terminal=True) as running:
        running.wait_for("importing")
        time.sleep(0.3)
        running.write(slow + "# changed\n")
        running.wait_for("changed: main.py")
        running.wait_for("importing")
        os.write(running.out, b"\x03")
        assert running.wait() == 0
        assert "Traceback" not in running.printed


@pytest.mark.parametrize("options", [(), ("--no-reload",)])
def test_a_slow_lifespan_is_interrupted_by_ctrl_c(tmp_path: Path, options: tuple[str, ...]) -> None:
    text = """
        import asyncio
        from martlet import FastAPI

        async def lifespan(app):
            print("starting", flush=True)
            await asyncio.sleep(60)
            yield

        app = FastAPI(lifespan=lifespan)
    """
    with dev(tmp_path, *options, text=text, terminal=True) as running:
        running.wait_for("starting")
        began = time.monotonic()
        os.write(running.out, b"\x03")
        assert running.wait() == 0
        assert time.monotonic() - began < 2.5
        assert "Traceback" not in running.printed


def test_ctrl_c_before_anything_is_imported(tmp_path: Path) -> None:
    with dev(tmp_path, terminal=True) as running:
        until = time.monotonic() + PATIENCE
        while not running.children() and time.monotonic() < until:
            time.sleep(0.01)
        os.write(running.out, b"\x03")
        assert running.wait() == 0
        assert "Traceback" not in running.printed
        assert "ready" not in running.printed


STUBBORN = """
    import signal, time
    from martlet import FastAPI

    print("importing", flush=True)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        time.sleep(1)
"""


def test_a_worker_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with dev(tmp_path, text=STUBBORN) as running:
        running.wait_for("importing")
        time.sleep(0.3)
        running.write(APP)
        running.wait_for("changed: main.py")
        assert ask(running.ready()).json() == "one"  # after the supervisor's patience
        assert running.end() == 0


def test_a_second_ctrl_c_waits_for_nothing(tmp_path: Path) -> None:
    with dev(tmp_path, text=STUBBORN) as running:
        running.wait_for("importing")
        time.sleep(0.2)
        began = time.monotonic()
        running.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert running.end() == 0
        assert time.monotonic() - began < 2.5


def test_workers_do_not_outlive_their_supervisor(tmp_path: Path) -> None:
    with dev(tmp_path) as running:
        running.ready()
        children = running.children()
        running.process.kill()
        wait_until_gone(children)


def test_a_watcher_that_is_gone_is_missed(tmp_path: Path) -> None:
    with dev(tmp_path) as running:
        url = running.ready()
        watcher = min(running.children())
        os.kill(watcher, signal.SIGKILL)
        running.wait_for("The files are watched no more")
        assert ask(url).json() == "one"
        assert running.end() == 0


def test_where_the_system_cannot_fork(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(
        "import os\ndel os.fork\nfrom martlet.cli import main\nif __name__ == '__main__':\n    main()\n",
        encoding="utf-8",
    )
    with dev(tmp_path, "main.py", command=("program.py",)) as running:
        url = running.ready()
        assert ask(url).json() == "one"
        running.write(TWO)
        running.wait_for(r"changed: main\.py\n")
        running.ready()
        assert ask(url).json() == "two"
        running.end(signal.SIGTERM)


def test_all_that_there_is_to_say(tmp_path: Path) -> None:
    arguments = ("--verbose", "--root-path", "/api", "--host", "localhost", "--reload-dir", str(tmp_path))
    with dev(tmp_path, *arguments, environ={"PORT": "0"}) as running:
        running.wait_for(r"main, by the usual places, imported from ")
        running.wait_for("INFO")
        url = running.ready()
        assert url.startswith("http://localhost:")
        running.wait_for("Behind /api")
        assert ask(f"{url}/openapi.json").json()["servers"] == [{"url": "/api"}]
        assert running.end() == 0


def test_the_port_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with dev(tmp_path, "--port", "x") as running:
        assert running.wait() == 2
    assert "invalid int value: 'x'" in running.printed


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--reload-dir", "nope"), 1, "Path does not exist nope"),
        (("--port", "70000"), 2, "'70000' is no port: it has to be a number from 0 to 65535"),
        (("--prot", "1"), 2, "There is no option --prot. Did you mean --port?"),
        (("--host", "192.0.2.1"), 1, "The host '192.0.2.1' is no address of this machine"),
        (("nope.py",), 1, "Path does not exist nope.py"),
    ],
)
def test_what_is_refused(tmp_path: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    with dev(tmp_path, *arguments) as running:
        assert running.wait() == code
    assert f"✗ {says}" in running.printed


def test_an_app_of_fastapis(tmp_path: Path) -> None:
    text = APP.replace("from martlet", "from fastapi")
    with dev(tmp_path, "--as-fastapi", text=text) as running:
        url = running.ready()
        assert ask(url).json() == "one"
        running.write(text.replace("one", "two"))
        running.wait_for(r"changed: main\.py\n +ready")
        assert ask(url).json() == "two"
    with dev(tmp_path, "--no-reload", text=text) as running:
        running.ready()
        running.wait_for("This is FastAPI's own app: add --as-fastapi")
