"""`martlet dev`: serve the app for development.

It takes every option that `fastapi dev` takes. Where the system can fork, the supervisor of `martlet.cli.dev` serves;
elsewhere watchfiles starts a process anew for each change, which has to import the framework each time.
"""

import argparse
import os
import socket
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from martlet.cli import sockets
from martlet.cli.arguments import Parser, add_app, port_of
from martlet.cli.console import Console
from martlet.cli.dev.settings import Settings
from martlet.cli.discover import find
from martlet.cli.dispatch import BEGAN
from martlet.cli.failures import ExitCode, MissingPackageFailure, PathFailure

_COMMAND: Final = "martlet dev"


def configure(parser: Parser) -> None:
    """Declare the arguments."""
    add_app(parser)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="Where to listen; 0.0.0.0 for all addresses, in a container for example. Default: 127.0.0.1.",
    )
    parser.add_argument(
        "--port", type=int, help="The port to listen on; 0 for any that is free. Default: $PORT, else 8000."
    )
    parser.add_argument(
        "--reload",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="Serve the code anew when it changes. This is the default.",
    )
    parser.add_argument(
        "--reload-dir",
        action="append",
        type=Path,
        metavar="FOLDER",
        help="Where changes are looked for, instead of the current folder. May be given several times.",
    )
    parser.add_argument("--root-path", default="", metavar="PATH", help="What a proxy in front takes off the paths.")
    parser.add_argument(
        "--proxy-headers",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="Believe X-Forwarded-For and X-Forwarded-Proto of proxies that are trusted. This is the default.",
    )
    parser.add_argument(
        "--forwarded-allow-ips",
        metavar="ADDRESSES",
        help="Proxies that are trusted, with commas between them; * for all. Default: this machine.",
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="Print tracebacks whole, and how the app was found."
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C.

    Raises:
        Failure: the app cannot be found, or the address cannot be listened on.
    """
    target = find(arguments)
    if find_spec("uvicorn") is None:
        raise MissingPackageFailure(
            "martlet dev needs uvicorn, which is not installed", advice="Try: pip install 'martlet[standard]'"
        )
    folders = folders_of(arguments, target.folder)
    port = port_of(arguments.port)
    settings = Settings(
        target,
        arguments.host,
        port,
        folders,
        root_path=arguments.root_path,
        proxy_headers=arguments.proxy_headers,
        forwarded_allow_ips=arguments.forwarded_allow_ips,
        verbose=arguments.verbose,
    )
    if arguments.verbose:
        Console().line(f"  {target}, by {target.origin}, imported from {target.folder}")
    listening = sockets.listen(arguments.host, port, command=_COMMAND)
    try:
        return _serve(settings, listening)
    finally:
        for sock in listening:
            sock.close()


def _serve(settings: Settings, listening: Sequence[socket.socket]) -> int:
    if not settings.folders:
        from martlet.cli.dev.worker import Worker  # noqa: PLC0415 - uvicorn takes its time

        Worker(settings, listening, BEGAN).run()
        return ExitCode.OK
    if not hasattr(os, "fork"):
        from martlet.cli.dev.restarts import serve_restarting  # noqa: PLC0415 - only there

        port = listening[0].getsockname()[1]
        for sock in listening:
            sock.close()
        return serve_restarting(replace(settings, port=port))
    from martlet.cli.dev.supervisor import Supervisor  # noqa: PLC0415 - not where nothing is watched

    return Supervisor(settings, listening, BEGAN).run()


def folders_of(arguments: argparse.Namespace, of_app: Path) -> tuple[Path, ...]:
    """Return the folders to watch, none inside another; none where nothing is to be watched.

    Args:
        arguments: the command line.
        of_app: the folder that the app is imported from.

    Raises:
        PathFailure: there is no such folder.
    """
    if not arguments.reload:
        return ()
    if find_spec("watchfiles") is None:
        Console().line("  Changes are not watched: that needs watchfiles (pip install 'martlet[standard]').")
        return ()
    for folder in arguments.reload_dir or ():
        if not folder.is_dir():
            raise PathFailure(f"Path does not exist {folder}", details=("--reload-dir wants a folder",))
    wanted = {folder.resolve() for folder in arguments.reload_dir or (Path.cwd(), of_app)}
    return tuple(sorted(folder for folder in wanted if not wanted.intersection(folder.parents)))
