import socket
from pathlib import Path

import pytest

from martlet.cli.failures import AddressFailure, PortInUseFailure
from martlet.cli.servers.unix import listen


def test_a_socket_that_a_dead_process_left_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s"
    listen(path).close()
    assert path.is_socket()
    with listen(path):
        assert path.stat().st_mode & 0o777 == 0o666
        with pytest.raises(PortInUseFailure, match="Another process listens"):
            listen(path)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))


def test_where_nothing_can_listen(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("kept")
    with pytest.raises(AddressFailure, match="is no socket"):
        listen(tmp_path / "f")
    assert (tmp_path / "f").read_text() == "kept"
    with pytest.raises(AddressFailure, match="Cannot listen") as caught:
        listen(tmp_path / "none" / "s")
    assert caught.value.advice == ("Name a file in a folder that exists, and that this user may write to.",)
