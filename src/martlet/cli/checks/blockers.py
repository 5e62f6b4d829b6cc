"""What blocks the thread that calls it: a table of functions and of methods, with what to call instead.

Names are those that the objects bear themselves (`__module__` and `__qualname__`), so it does not matter how they were
imported. A name that ends with a dot stands for all that begins with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from martlet.cli.checks.findings import BLOCKING, SLOW, Rule


@dataclass(frozen=True, slots=True)
class Blocker:
    """A sort of calls that block.

    Args:
        what: what the caller waits for.
        instead: what to call in coroutines.
        rule: the rule that it breaks.
    """

    what: str
    instead: str
    rule: Rule = BLOCKING


_SLEEP: Final = Blocker("it sleeps", "await asyncio.sleep(...)")
_HTTP: Final = Blocker("it waits for another server", "an async client, such as httpx2.AsyncClient")
_NETWORK: Final = Blocker("it waits for the network", "asyncio's or anyio's streams, or await run_in_threadpool(...)")
_PROCESS: Final = Blocker("it waits for another process", "await asyncio.create_subprocess_exec(...)")
_DATABASE: Final = Blocker("it waits for the database", "the driver's async side, such as sqlalchemy.ext.asyncio")
_STORE: Final = Blocker("it waits for another server", "the client's async side, such as redis.asyncio")
_THREAD: Final = Blocker("it waits for another thread", "asyncio's own queues and futures, or asyncio.wrap_future(...)")
_INPUT: Final = Blocker("it waits for somebody to type", "the request's own data")
_LOOP: Final = Blocker("it starts another event loop", "await")
_FILE: Final = Blocker("it waits for the disk", "anyio.Path or anyio.open_file for files that may be big", SLOW)
_HASH: Final = Blocker("it computes for a tenth of a second", "await run_in_threadpool(...)", SLOW)

# Modules that things say they are in, by where users find them; both vary with the version of Python.
_SHOWN: Final[Mapping[str, str]] = {
    "_bcrypt": "bcrypt",
    "_io": "io",
    "_socket": "socket",
    "_sqlite3": "sqlite3",
    "nt": "os",
    "pathlib._local": "pathlib",
    "posix": "os",
    "psycopg.connection": "psycopg",
    "pwdlib._hash": "pwdlib",
}

FUNCTIONS: Final[Mapping[str, Blocker]] = {
    "time.sleep": _SLEEP,
    "requests.api.": _HTTP,
    "urllib.request.urlopen": _HTTP,
    "urllib.request.urlretrieve": _HTTP,
    "urllib3.request": _HTTP,
    **dict.fromkeys(
        (
            f"{library}.{function}"
            for library in ("httpx", "httpx2")
            for function in ("request", "get", "post", "put", "patch", "delete", "head", "options", "stream")
        ),
        _HTTP,
    ),
    "socket.create_connection": _NETWORK,
    "socket.getaddrinfo": _NETWORK,
    "socket.gethostbyname": _NETWORK,
    "smtplib.SMTP": _NETWORK,
    "smtplib.SMTP_SSL": _NETWORK,
    "ftplib.FTP": _NETWORK,
    "subprocess.run": _PROCESS,
    "subprocess.call": _PROCESS,
    "subprocess.check_call": _PROCESS,
    "subprocess.check_output": _PROCESS,
    "subprocess.getoutput": _PROCESS,
    "subprocess.getstatusoutput": _PROCESS,
    "os.popen": _PROCESS,
    "os.system": _PROCESS,
    "sqlite3.connect": _DATABASE,
    "psycopg.Connection.connect": _DATABASE,
    "psycopg2.connect": _DATABASE,
    "pymysql.connections.Connection": _DATABASE,
    "builtins.input": _INPUT,
    "asyncio.runners.run": _LOOP,
    "anyio._core._eventloop.run": _LOOP,
    "io.open": _FILE,
    "shutil.": _FILE,
    "pathlib.Path.read_text": _FILE,
    "pathlib.Path.read_bytes": _FILE,
    "pathlib.Path.write_text": _FILE,
    "pathlib.Path.write_bytes": _FILE,
    "bcrypt.": _HASH,
}

METHODS: Final[Mapping[str, tuple[frozenset[str], Blocker]]] = {
    "sqlalchemy.orm.session.Session": (
        frozenset({"commit", "exec", "execute", "flush", "get", "query", "refresh", "rollback", "scalar", "scalars"}),
        _DATABASE,
    ),
    "sqlalchemy.engine.base.Engine": (frozenset({"begin", "connect", "raw_connection"}), _DATABASE),
    "sqlalchemy.engine.base.Connection": (
        frozenset({"commit", "execute", "rollback", "scalar", "scalars"}),
        _DATABASE,
    ),
    "sqlalchemy.sql.schema.MetaData": (frozenset({"create_all", "drop_all", "reflect"}), _DATABASE),
    "sqlite3.Connection": (frozenset({"commit", "execute", "executemany", "executescript"}), _DATABASE),
    "sqlite3.Cursor": (frozenset({"execute", "executemany", "fetchall", "fetchone"}), _DATABASE),
    "psycopg.Connection": (frozenset({"commit", "execute", "rollback"}), _DATABASE),
    "redis.client.Redis": (frozenset(), _STORE),
    "pymongo.synchronous.collection.Collection": (frozenset(), _STORE),
    "botocore.client.BaseClient": (frozenset(), _STORE),
    "requests.sessions.Session": (frozenset(), _HTTP),
    "httpx.Client": (frozenset(), _HTTP),
    "httpx2.Client": (frozenset(), _HTTP),
    "urllib3.poolmanager.PoolManager": (frozenset({"request", "urlopen"}), _HTTP),
    "smtplib.SMTP": (frozenset(), _NETWORK),
    "subprocess.Popen": (frozenset({"communicate", "wait"}), _PROCESS),
    "concurrent.futures._base.Future": (frozenset({"result", "exception"}), _THREAD),
    "queue.Queue": (frozenset({"get", "join"}), _THREAD),
    "threading.Thread": (frozenset({"join"}), _THREAD),
    "pathlib.Path": (frozenset({"open", "read_bytes", "read_text", "write_bytes", "write_text"}), _FILE),
    "pwdlib.PasswordHash": (frozenset({"hash", "verify", "verify_and_update"}), _HASH),
    "passlib.context.CryptContext": (frozenset({"hash", "verify", "verify_and_update"}), _HASH),
}
"""By class: which of its methods block, none for all of them, and how."""

# Of the classes of which all methods block: those that only look as if, since they prepare something or let it go.
_HARMLESS: Final = frozenset(
    {"build_request", "close", "from_url", "lock", "mount", "pipeline", "pubsub", "register_script", "with_options"}
)

ROOTS: Final = frozenset(name.partition(".")[0] for name in (*FUNCTIONS, *METHODS))
"""The packages that they are in."""


def _name_of(thing: Any) -> str:
    module = str(getattr(thing, "__module__", None))
    return f"{_SHOWN.get(module, module)}.{getattr(thing, '__qualname__', None)}"


def blocker_of(called: Any) -> Blocker | None:
    """Return why a call of a function or a class blocks; None where it does not, as far as is known."""
    name = _name_of(called)
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    parts = name.split(".")
    prefixes = (".".join(parts[:end]) + "." for end in range(1, len(parts)))
    return next((FUNCTIONS[prefix] for prefix in prefixes if prefix in FUNCTIONS), None)


def blocker_of_method(kind: type, method: str) -> Blocker | None:
    """Return why a call of a method blocks; None where it does not, as far as is known."""
    for base in kind.__mro__:
        names, blocker = METHODS.get(_name_of(base), (frozenset({""}), None))
        is_one = method in names if names else not method.startswith("_") and method not in _HARMLESS
        if is_one:
            return blocker
    return None
