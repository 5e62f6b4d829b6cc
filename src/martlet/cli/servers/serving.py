"""What `martlet run` was asked to do, in a form that can be sent to another process."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from martlet.cli.discover import Target

ServerName = Literal["uvicorn", "granian"]
Interface = Literal["auto", "asgi", "rsgi"]
LogFormat = Literal["plain", "json"]

SERVERS: Final[tuple[ServerName, ...]] = get_args(ServerName)
INTERFACES: Final[tuple[Interface, ...]] = get_args(Interface)
LOG_FORMATS: Final[tuple[LogFormat, ...]] = get_args(LogFormat)

# How a WebSocket is closed when the server stops: "the service restarts", by IANA's registry of close codes.
SERVICE_RESTART: Final = 1012
# How long a client may take for the head of a request, in seconds.
HEAD_DEADLINE: Final = 10
# How long a client may take for reading the next of what it was sent, in seconds.
READ_DEADLINE: Final = 60
# What a task that is cut off is told.
CUT_OFF: Final = "The server stops."

# What is kept of the drain for what was cut off: `finally` blocks, and the end of the app's lifespan.
_LAST_SHARE: Final = 0.2
_LAST_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Serving:
    """What `martlet run` was asked to do.

    Args:
        target: the app.
        server: the server.
        interface: how the server talks to the app; `auto` for RSGI where the server and the app allow it.
        workers: how many processes serve.
        host: the host to listen on, as the user wrote it; nothing where `uds` is given.
        uds: the Unix socket to listen on instead of a port.
        root_path: what a proxy in front takes off the paths.
        proxy_headers: whether to believe the `X-Forwarded-` headers.
        forwarded_allow_ips: of whom to believe them, with commas between; `*` for everybody.
        drain: how many seconds pass at most between being told to stop and the end of the process.
        keep_alive: how many seconds a connection may be idle.
        ws_max_size: the largest message of a WebSocket in bytes, where the server has such a limit.
        health: a path that is answered without the app; None for none.
        access_log: whether to log each request.
        log_format: how to log.
        verbose: whether to log what helps to find a mistake.
    """

    target: Target
    server: ServerName = "uvicorn"
    interface: Interface = "auto"
    workers: int = 1
    host: str = ""
    uds: Path | None = None
    root_path: str = ""
    proxy_headers: bool = True
    forwarded_allow_ips: str = "127.0.0.1"
    drain: float = 25
    keep_alive: int = 5
    ws_max_size: int = 1024 * 1024
    health: str | None = None
    access_log: bool = True
    log_format: LogFormat = "plain"
    verbose: bool = False

    @property
    def patience(self) -> float:
        """How many seconds what has begun may go on, before it is cut off."""
        return self.drain - min(_LAST_SECONDS, self.drain * _LAST_SHARE)
