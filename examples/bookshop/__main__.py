"""Serve the bookshop until Ctrl-C: `python -m bookshop`, which is what `make demo` runs.

`HOST` (127.0.0.1), `PORT` (8000) and `BOOKSHOP_DB` (bookshop.db) are taken from the environment.
"""

import os
import socket
import sys
from contextlib import suppress

import uvicorn

from bookshop.database import path_from_environment
from bookshop.main import app


def listen(host: str, port: int) -> socket.socket:
    """Take the address, or end with a sentence that says what to do about it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as refused:
        listener.close()
        sys.exit(f"Cannot listen on {host}:{port}: {refused.strerror}.\n  Try another port: make demo PORT={port + 1}")
    return listener


def read_port(text: str) -> int:
    """Read a port from its text, or end with what a port is."""
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        sys.exit(f"PORT={text!r} is no port: give a number from 0 (any free one) to 65535.")
    return int(text)


def main() -> None:
    """Serve until Ctrl-C."""
    host = os.environ.get("HOST") or "127.0.0.1"
    listener = listen(host, read_port(os.environ.get("PORT") or "8000"))
    url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    print(
        f"""
  Bookshop     {url}
  Docs         {url}/docs
  Books in     {path_from_environment()}

  Try          curl '{url}/books?q=time&sort=-year&limit=3'
               curl -X PATCH '{url}/books/1' -H 'X-API-Key: demo-key' --json '{{"stock": 5}}'

  Ctrl-C ends it.
""",
        flush=True,
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="info"))
    # uvicorn raises the interrupt again once it has served, though not always.
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    if not server.started:
        sys.exit(1)
    print("\n  The shop is closed.", flush=True)


if __name__ == "__main__":
    main()
