"""The bookshop under load, from outside: `make test-system` runs this, as it needs wrk."""

import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.serving import bookshop, free_port, serving

pytestmark = pytest.mark.system

REQUESTS = {
    "one book": "/books/1",
    "a search": "/books?q=the&sort=-year&limit=5",
    "the health": "/health",
}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("server", ["demo", "uvicorn", "granian"])
def test_two_seconds_of_load_see_no_failure(server: str, tmp_path: Path) -> None:
    wrk = shutil.which("wrk")
    if wrk is None:
        pytest.fail("wrk is not installed: apt-get install wrk")
    port = free_port()
    extra = {"PORT": str(port), "BOOKSHOP_DB": str(tmp_path / "shop.db")}
    with serving(bookshop(server, port), port, tmp_path / "log", extra) as served:
        for what, path in REQUESTS.items():
            url = served.url + path
            said = subprocess.run(
                [wrk, "-t1", "-c16", "-d2s", url], capture_output=True, text=True, timeout=30, check=True
            ).stdout
            rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
            assert rate is not None, said
            assert "Non-2xx" not in said, said
            assert "Socket errors" not in said, said
            print(f"{server:10} {what:12} {float(rate[1]):9.0f} requests/s")
        assert served.process.poll() is None, served.printed
        assert served.end(signal.SIGINT) == 0, served.printed
    assert "Traceback" not in served.printed, served.printed
