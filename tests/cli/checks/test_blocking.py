"""Calls that block the event loop: found however they are written and wherever a request gets to; and what is none."""

import asyncio
import os
import queue
import shutil
import socket
import sqlite3
from pathlib import Path

import anyio
import httpx2
import pwdlib
import pytest
import requests
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Session

from martlet.cli.checks.blockers import blocker_of, blocker_of_method
from tests.cli.programs import Program

HEAD = """
import time
import time as clock
from functools import partial
from pathlib import Path
from time import sleep
from typing import Annotated
import requests
from martlet import Depends, FastAPI, WebSocket
from martlet.concurrency import run_in_threadpool
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
app = FastAPI(openapi_url=None)
"""


def found(program: Program, text: str) -> list[str]:
    """Return the blocking calls that are found, by way of what, and in which callable."""
    program.write(HEAD + text)
    data = program.run("check", "--json").data
    codes = ("MARTLET-C103", "MARTLET-C201")
    return [each["message"].partition(":")[0] for each in data["findings"] if each["code"] in codes]


def endpoint(body: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"@app.get('/')\nasync def f(q: str = ''):\n{lines}\n"


@pytest.mark.parametrize(
    ("body", "call"),
    [
        ("time.sleep(1)", "time.sleep() blocks"),
        ("clock.sleep(1)", "clock.sleep() blocks"),
        ("sleep(1)", "sleep() blocks"),
        ("from time import sleep as nap\nnap(1)", "nap() blocks"),
        ("import time as t\nt.sleep(1)", "t.sleep() blocks"),
        ("import urllib.request\nurllib.request.urlopen(q)", "urllib.request.urlopen() blocks"),
        ("if q:\n    for each in q:\n        time.sleep(1)", "time.sleep() blocks"),
        ("x = [time.sleep(1) for _ in q]", "time.sleep() blocks"),
        ("requests.get(q)", "requests.get() blocks"),
        ("with requests.Session() as session:\n    session.get(q)", "session.get() blocks"),
        ("session = requests.Session()\nsession.post(q)", "session.post() blocks"),
        ("session: requests.Session = q\nsession.post(q)", "session.post() blocks"),
        ("import subprocess\nsubprocess.run([q])", "subprocess.run() blocks"),
        ("import subprocess\nsubprocess.Popen([q]).wait()", "subprocess.Popen([q]).wait() blocks"),
        ("import os\nos.system(q)", "os.system() blocks"),
        ("import sqlite3\nsqlite3.connect(q)", "sqlite3.connect() blocks"),
        ("import ftplib as net\nnet.FTP(q)", "net.FTP() blocks"),
        ("import asyncio\nasyncio.run(f())", "asyncio.run() blocks"),
        ("input()", "input() blocks"),
        ("open(q)", "open() slows"),
        ("Path(q).read_text()", "Path(q).read_text() slows"),
        ("import shutil\nshutil.copy(q, q)", "shutil.copy() slows"),
    ],
)
def test_a_call_is_found_however_it_is_written(program: Program, body: str, call: str) -> None:
    assert found(program, endpoint(body)) == [f"{call} the event loop in async f"]


@pytest.mark.parametrize(
    "body",
    [
        "await run_in_threadpool(time.sleep, 1)",
        "await run_in_threadpool(lambda: time.sleep(1))",
        "def later():\n    time.sleep(1)\nawait run_in_threadpool(later)",
        "class Later:\n    time.sleep(1)",
        "import asyncio\nawait asyncio.sleep(1)",
        "time = q\ntime.sleep(1)",
        "def sleep(x): ...\nsleep(1)",
        "from . import nothing\nnothing.sleep(1)",
        "import no_such_module_here\nno_such_module_here.sleep()",
        "from no_such_module_here import sleep as sleep\nsleep(1)",
        "import psycopg2.no_such_module_here as p\np.connect()",
        "session: 'Unknown' = q\nsession.commit()",
        "q.commit().get()",
        "q[0].sleep()",
        "unknown_name.sleep()",
        "time.nothing_of_this_name()",
        "a, b = q\na.get()",
        "q.x = requests\nq.x.get()",
        "q.upper.lower()",
        "Path(q).joinpath(q)",
        "with q as x, open: x.get()",
        "q.y: int = 1",
        "requests.Session()._private()",
        "requests.Session().close()",
        "unknown_name().get()",
        "bool.real.get()",
    ],
)
def test_what_blocks_nobody_or_is_not_known_is_passed_over(program: Program, body: str) -> None:
    assert found(program, endpoint(body)) == []


def test_sessions_of_a_database_are_known_by_what_made_them(program: Program) -> None:
    text = """
engine = create_engine("sqlite://")
Local = sessionmaker(engine)

def plain_session():
    with Local() as session:
        session.commit()
        yield session

async def session():
    with Local() as session:
        session.execute("")
        yield session

def made() -> Session: ...

async def later() -> Session: ...

class Repository:
    def __init__(self):
        self.session = Local()
    def load(self):
        self.session.get(int, 1)

repository = Repository()

@app.get("/")
async def f(
    one: Annotated[Session, Depends(session)], two: Annotated[Session, Depends(plain_session)],
):
    one.commit()
    made().query(1)
    (await later()).query(2)
    engine.connect()
    repository.load()
    engine.url.render_as_string()
"""
    assert found(program, text) == [
        "session.execute() blocks the event loop in async session",
        "one.commit() blocks the event loop in async f",
        "made().query() blocks the event loop in async f",
        "(await later()).query() blocks the event loop in async f",
        "engine.connect() blocks the event loop in async f",
        "self.session.get() blocks the event loop in async f, by way of Repository.load",
    ]


def test_calls_are_followed_through_the_program_s_own_functions(program: Program) -> None:
    program.write(
        """
        import time

        def deep():
            time.sleep(1)

        async def waits():
            deep()

        class Made:
            def __init__(self):
                time.sleep(2)

        class Called:
            def __call__(self):
                time.sleep(3)

        called = Called()
        """,
        "elsewhere.py",
    )
    text = """
import elsewhere
from elsewhere import Made, called

def again():
    again()

@app.get("/")
async def f():
    await elsewhere.waits()
    elsewhere.deep()
    Made()
    called()
    again()
    requests.utils.quote("")

@app.get("/g")
async def g():
    elsewhere.deep()
"""
    assert found(program, text) == [
        "time.sleep() blocks the event loop in async f, by way of waits, deep",
        "time.sleep() blocks the event loop in async f, by way of Made.__init__",
        "time.sleep() blocks the event loop in async f, by way of Called.__call__",
    ]


def test_whatever_a_request_runs_is_looked_at(program: Program) -> None:
    text = """
class Door:
    async def __call__(self):
        time.sleep(1)

class Kept:
    def __init__(self):
        self.pause = 1
    async def read(self):
        sleep(self.pause)

class Unread:
    def __init__(self): ...

@app.get("/", dependencies=[Depends(Door())])
def plain(kept: Annotated[Unread, Depends(Unread)]):
    time.sleep(1)

app.get("/kept")(Kept().read)

@app.websocket("/live")
async def live(socket: WebSocket):
    sleep(2)

async def starlette_s(request):
    sleep(3)

app.add_route("/starlette", starlette_s)

async def partly(x, y):
    sleep(4)

app.get("/partly")(partial(partly, 1))

inner = FastAPI(openapi_url=None)
@inner.get("/")
async def innermost():
    sleep(5)
app.mount("/inner", inner)

@app.middleware("http")
async def around(request, call_next):
    sleep(6)
    return await call_next(request)

@app.exception_handler(ValueError)
async def refused(request, error):
    sleep(7)
"""
    assert found(program, text) == [
        "time.sleep() blocks the event loop in async Door",
        "sleep() blocks the event loop in async Kept.read",
        "sleep() blocks the event loop in async live",
        "sleep() blocks the event loop in async starlette_s",
        "sleep() blocks the event loop in async partly",
        "sleep() blocks the event loop in async innermost",
        "sleep() blocks the event loop in async around",
        "sleep() blocks the event loop in async refused",
    ]


def test_what_has_no_source_is_passed_over(program: Program) -> None:
    text = """
names = {"time": time}
exec("async def f():\\n    time.sleep(1)", names)
app.get("/")(names["f"])
exec(compile("async def g():\\n    time.sleep(1)", "gone.py", "exec"), names)
app.get("/g")(names["g"])
exec(compile("async def h():\\n    time.sleep(1)", __file__, "exec"), names)
app.get("/h")(names["h"])
class Slotted:
    __call__ = time.sleep
app.add_route("/slotted", Slotted())
class Fast:
    async def slow(self): ...
    __call__ = staticmethod(partial(slow))
app.add_route("/fast", Fast())
"""
    assert found(program, text) == []


def test_annotations_that_cannot_be_evaluated_hide_nothing_else(program: Program) -> None:
    text = """
def made() -> "1 +": ...
def asked(x: "1 +"):
    made().get()
    time.sleep(1)

@app.get("/")
async def f():
    asked(1)
"""
    assert found(program, text) == ["time.sleep() blocks the event loop in async f, by way of asked"]


@pytest.mark.parametrize(
    "function", [httpx2.get, requests.post, socket.gethostbyname, os.system, sqlite3.connect, shutil.copy, open, input]
)
def test_functions_are_known_by_the_name_that_they_bear(function: object) -> None:
    assert blocker_of(function) is not None


@pytest.mark.parametrize("function", [anyio.sleep, asyncio.sleep, os.getcwd, str, None])
def test_other_functions_do_not_block(function: object) -> None:
    assert blocker_of(function) is None


@pytest.mark.parametrize(
    ("kind", "method"),
    [(httpx2.Client, "get"), (pwdlib.PasswordHash, "verify"), (Session, "exec"), (queue.Queue, "get"), (Path, "open")],
)
def test_methods_are_known_by_their_class(kind: type, method: str) -> None:
    assert blocker_of_method(kind, method) is not None
    assert blocker_of_method(kind, "close") is None


@pytest.mark.parametrize("kind", [httpx2.AsyncClient, AsyncSession, asyncio.Queue, anyio.Path])
def test_async_classes_do_not_block(kind: type) -> None:
    assert blocker_of_method(kind, "get") is None
