"""Load from wrk: one thread on its own core, over keep-alive connections."""

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.server import MeasuringError, Server, pinned_to
from bench.workloads import Workload

CONNECTIONS = 32
SCRIPT = """\
wrk.method = "{method}"
wrk.headers["content-type"] = "application/json"
wrk.body = [==[{body}]==]
"""


def require_wrk() -> str:
    """Return wrk's path.

    Raises:
        MeasuringError: it is not installed.
    """
    found = shutil.which("wrk")
    if not found:
        raise MeasuringError("wrk makes the load and is not installed: try `apt-get install wrk` or `brew install wrk`")
    return found


def drive(server: Server, workload: Workload, seconds: float, core: int) -> int:
    """Send the workload's request for so many seconds and return how many were answered."""
    with TemporaryDirectory() as folder:
        words = [*pinned_to(core), require_wrk(), "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"]
        if workload.body is not None:
            script = Path(folder) / "request.lua"
            script.write_text(SCRIPT.format(method=workload.method, body=workload.content.decode()))
            words += ["-s", str(script)]
        words.append(f"http://127.0.0.1:{server.port}{workload.target}")
        done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode:
        raise MeasuringError(f"wrk failed: {done.stderr or done.stdout}")
    return answered(done.stdout)


def answered(said: str) -> int:
    """Read wrk's report.

    Raises:
        MeasuringError: answers were not of the 2xx, or connections broke.
    """
    for trouble in ("Non-2xx or 3xx responses", "Socket errors"):
        if trouble in said:
            raise MeasuringError(f"wrk met trouble:\n{said}")
    match = re.search(r"(\d+) requests in", said)
    if match is None:
        raise MeasuringError(f"wrk said nothing of requests:\n{said}")
    return int(match[1])
