"""`martlet run`: serve the app in production.

It takes every option that `fastapi run` takes. With `--reload` it is `martlet dev`, as there.
"""

import argparse
import os
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from martlet.cli import sockets
from martlet.cli.arguments import Parser, add_app, port_of
from martlet.cli.console import Console
from martlet.cli.discover import find
from martlet.cli.dispatch import BEGAN
from martlet.cli.failures import MissingPackageFailure, UsageFailure
from martlet.cli.servers.serving import INTERFACES, LOG_FORMATS, SERVERS, Serving

_COMMAND: Final = "martlet run"
# What a server needs, and the extra that brings it.
_NEEDED: Final = {"uvicorn": (("uvicorn", "httptools"), "standard"), "granian": (("granian",), "granian")}


def configure(parser: Parser) -> None:
    """Declare the arguments."""
    add_app(parser)
    add = parser.add_argument
    switch = argparse.BooleanOptionalAction
    add("--host", help="Where to listen. Default: 0.0.0.0, which is all addresses.")
    add("--port", type=int, help="The port to listen on; 0 for any that is free. Default: $PORT, else 8000.")
    add("--uds", type=Path, metavar="FILE", help="Listen on a Unix socket instead.")
    add("--workers", type=int, metavar="N", help="How many processes serve. Default: $WEB_CONCURRENCY, else 1.")
    add("--server", choices=SERVERS, default="uvicorn", help="The server. Default: uvicorn.")
    add(
        "--interface",
        choices=INTERFACES,
        default="auto",
        help="How Granian talks to the app. Default: RSGI where the app allows it, else ASGI.",
    )
    add(
        "--drain",
        type=float,
        default=25,
        metavar="SECONDS",
        help="How long it may take to stop; what has begun by then ends, or is named in the log. Default: 25.",
    )
    add("--keep-alive", type=int, default=5, metavar="SECONDS", help="How long a connection may idle. Default: 5.")
    add(
        "--ws-max-size",
        type=int,
        default=1024 * 1024,
        metavar="BYTES",
        help="The largest message of a WebSocket; Granian has no such limit. Default: 1048576.",
    )
    add("--health", metavar="PATH", help="A path to answer with 200, without the app.")
    add("--root-path", default="", metavar="PATH", help="What a proxy in front takes off the paths.")
    add(
        "--proxy-headers",
        action=switch,
        default=True,
        help="Believe X-Forwarded-For and X-Forwarded-Proto of proxies that are trusted. This is the default.",
    )
    add(
        "--forwarded-allow-ips",
        metavar="ADDRESSES",
        help="Proxies that are trusted, with commas between them; * for all. "
        "Default: $FORWARDED_ALLOW_IPS, else this machine.",
    )
    add("--access-log", action=switch, default=True, help="Log each request. This is the default.")
    add("--log-format", choices=LOG_FORMATS, default="plain", help="Lines for people, or JSON. Default: plain.")
    add("--reload", action=switch, default=False, help="Serve the code anew when it changes: use martlet dev.")
    add("-v", "--verbose", action="store_true", help="Log how the app was found, and what the server does.")


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        Failure: the app cannot be found, imported or started, or the address cannot be listened on.
    """
    if arguments.reload:
        return _develop(arguments)
    serving = _serving(arguments)
    needed, extra = _NEEDED[serving.server]
    missing = next((package for package in needed if find_spec(package) is None), None)
    if missing is not None:
        raise MissingPackageFailure(
            f"{_COMMAND} --server {serving.server} needs {missing}, which is not installed",
            advice=f"Try: pip install 'martlet[{extra}]'",
        )
    if serving.verbose:
        Console().line(f"  {serving.target}, by {serving.target.origin}, imported from {serving.target.folder}")
    listening = _listen(serving, port_of(arguments.port))
    from martlet.cli.servers.greeting import Greeting  # noqa: PLC0415 - not where the arguments are wrong

    greeting = Greeting(Console(), serving, listening, BEGAN)
    try:
        if serving.workers > 1:
            from martlet.cli.servers.supervisor import Supervisor  # noqa: PLC0415 - not for one process

            return Supervisor(serving, listening, greeting.show).run()
        from martlet.cli.servers.worker import Worker  # noqa: PLC0415 - not where the arguments are wrong

        return Worker(serving, listening, greeting.show).run()
    finally:
        if serving.uds is not None:
            serving.uds.unlink(missing_ok=True)


def _develop(arguments: argparse.Namespace) -> int:
    if (arguments.workers or 1) > 1:
        raise UsageFailure("--reload and --workers exclude each other", advice="Try: martlet dev")
    from martlet.cli.commands import dev  # noqa: PLC0415 - hardly anybody asks for it

    arguments.reload_dir = None
    arguments.host = arguments.host or "0.0.0.0"  # noqa: S104 - what `fastapi run` listens on
    return dev.run(arguments)


def _serving(arguments: argparse.Namespace) -> Serving:
    said: dict[str, Any] = {
        name: getattr(arguments, name)
        for name in (
            "server", "interface", "uds", "root_path", "proxy_headers", "drain", "keep_alive", "ws_max_size", "health",
            "access_log", "log_format", "verbose",
        )
    }  # fmt: skip
    if said["drain"] <= 0:
        raise UsageFailure(f"--drain {said['drain']:g} leaves no time to stop: it has to be more than 0")
    if said["health"] is not None and not said["health"].startswith("/"):
        raise UsageFailure(f"--health {said['health']} is no path: it has to begin with a slash")
    if said["interface"] == "rsgi" and said["server"] != "granian":
        raise UsageFailure("--interface rsgi is for Granian alone", advice=f"Try: {_COMMAND} --server granian")
    if said["uds"] is not None and (arguments.host or arguments.port):
        raise UsageFailure("--uds stands instead of --host and --port")
    return Serving(
        target=find(arguments),
        workers=_workers(arguments.workers),
        host="" if said["uds"] else arguments.host or "0.0.0.0",  # noqa: S104 - what `fastapi run` listens on
        forwarded_allow_ips=arguments.forwarded_allow_ips or os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1"),
        **said,
    )


def _workers(said: int | None) -> int:
    text = os.environ.get("WEB_CONCURRENCY", "1") if said is None else str(said)
    if not text.isdigit() or int(text) < 1:
        raise UsageFailure(f"{text!r} is no number of workers: there has to be one at least")
    return int(text)


def _listen(serving: Serving, port: int) -> list[socket.socket]:
    if serving.uds is None:
        return sockets.listen(serving.host, port, command=_COMMAND)
    from martlet.cli.servers.unix import listen  # noqa: PLC0415 - most listen on a port

    return [listen(serving.uds)]
