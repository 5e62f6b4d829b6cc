"""A Unix socket to listen on: one that a dead process has left is taken over, one that answers is not."""

import socket
from pathlib import Path

from martlet.cli.failures import AddressFailure, PortInUseFailure

_BACKLOG = 2048
# A proxy in front runs as another user; who may reach it, the folder says.
_EVERYBODY = 0o666


def listen(path: Path) -> socket.socket:
    """Return a socket that listens at a path.

    Raises:
        PortInUseFailure: another process listens there.
        AddressFailure: there is something else, or nothing may be made there.
    """
    if path.exists() and not path.is_socket():
        raise AddressFailure(f"{path} is there already, and is no socket", advice="Name a file that is not there yet.")
    if path.exists():
        if _answers(path):
            raise PortInUseFailure(f"Another process listens on {path}", advice="Name another file.")
        path.unlink()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(str(path))
        path.chmod(_EVERYBODY)
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        raise AddressFailure(
            f"Cannot listen on {path}",
            details=(str(error),),
            advice="Name a file in a folder that exists, and that this user may write to.",
        ) from None
    return sock


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
