"""What a served app's process logs, in lines for people or in lines of JSON.

The loggers of both servers and of Martlet write to standard output. The user's own loggers are left as they are; for
JSON the root logger gets a handler too, so that a collector of logs sees nothing else. It is set up before the app is
imported: what the app sets up wins.
"""

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

from martlet.cli.servers.serving import CUT_OFF, LogFormat

GRANIAN_ACCESS: Final = '%(addr)s - "%(method)s %(path)s %(protocol)s" %(status)d %(dt_ms).1f ms'

_OURS: Final = ("martlet.run", "fastapi", "uvicorn.error", "uvicorn.access", "_granian", "granian.access")
# They say when they start and stop, which Martlet says itself.
_PLAIN: Final = "%(asctime)s %(levelname)-7s %(message)s"
_OUR_DOING: Final = f"CancelledError: {CUT_OFF}"
# How an endpoint ends that takes messages until its client leaves.
_CLIENT_LEFT: Final = "WebSocketDisconnect"
_TALKATIVE: Final = ("uvicorn.error", "_granian")
_UVICORN_ACCESS: Final = ("client", "method", "path", "http_version", "status")
_GRANIAN_ACCESS: Final = {"addr": "client", "method": "method", "path": "path", "status": "status"}


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, logger, process, message; of a request, what is known of it."""
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
            "message": record.getMessage(),
            **_request(record),
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def set_up(form: LogFormat, *, access: bool = True, verbose: bool = False) -> None:
    """Have what is logged printed.

    Args:
        form: in which form.
        access: whether to log each request.
        verbose: whether to log what the servers say of their own work.
    """
    formatter = JsonFormatter() if form == "json" else logging.Formatter(_PLAIN, "%Y-%m-%d %H:%M:%S")
    handler, of_users = logging.StreamHandler(sys.stdout), logging.StreamHandler(sys.stdout)
    handler.addFilter(_is_news)
    for each in (handler, of_users):
        each.setFormatter(formatter)
    for name in _OURS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.WARNING if name in _TALKATIVE and not verbose else logging.INFO)
    if verbose:
        logging.getLogger("martlet.run").setLevel(logging.DEBUG)
    if not access:
        # uvicorn asks for handlers, not for levels.
        for name in ("uvicorn.access", "granian.access"):
            logging.getLogger(name).handlers = []
    if form == "json":
        logging.getLogger().handlers = [of_users]


def _is_news(record: logging.LogRecord) -> bool:
    """Return whether a record says what is not known: what was cut off has been named, and a client may leave.

    That Granian is embedded was decided here as well.
    """
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, asyncio.CancelledError) or type(error).__name__ == _CLIENT_LEFT:
        return False
    # (Granian's records have the traceback as text)
    said = record.getMessage().rstrip()
    raised = said.rpartition("\n")[2].partition(": ")[0].rpartition(".")[2]
    return not (said == "Embedded server is experimental!" or said.endswith(_OUR_DOING) or raised == _CLIENT_LEFT)


def _request(record: logging.LogRecord) -> dict[str, Any]:
    """Return what an access log's record says of a request, by the names that both servers' get here."""
    args: Any = record.args
    if record.name == "uvicorn.access" and isinstance(args, tuple) and len(args) == len(_UVICORN_ACCESS):
        return dict(zip(_UVICORN_ACCESS, args, strict=True))
    if record.name == "granian.access" and isinstance(args, dict):
        said = {ours: args[theirs] for theirs, ours in _GRANIAN_ACCESS.items() if theirs in args}
        return {**said, "ms": round(args["dt_ms"], 1)} if "dt_ms" in args else said
    return {}
