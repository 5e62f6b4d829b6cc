"""Load from wrk: one thread on its own core, over keep-alive connections; and from `sockets`, where wrk has none."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.contenders import REPOSITORY
from bench.server import MeasuringError, Server, pinned_to
from bench.workloads import Workload

CONNECTIONS = 32
SCRIPT = """\
wrk.method = "{method}"
{headers}
local body = io.open("{body}", "rb")
wrk.body = body:read("*a")
body:close()
"""
HEADER = 'wrk.headers["{name}"] = "{value}"'


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
    if workload.socket:
        return _messages(server, workload, seconds, core)
    with TemporaryDirectory() as folder:
        words = [*pinned_to(core), require_wrk(), "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"]
        if workload.content or workload.headers:
            words += ["-s", str(_script(Path(folder), workload))]
        words.append(f"http://127.0.0.1:{server.port}{workload.target}")
        said = _said_by(words)
    return answered(said, workload.status)


def _script(folder: Path, workload: Workload) -> Path:
    """Write what tells wrk which request it is."""
    body, script = folder / "body", folder / "request.lua"
    body.write_bytes(workload.content)
    headers = "\n".join(HEADER.format(name=name, value=value) for name, value in workload.all_headers.items())
    script.write_text(SCRIPT.format(method=workload.method, headers=headers, body=body))
    return script


def _messages(server: Server, workload: Workload, seconds: float, core: int) -> int:
    words = [sys.executable, "-m", "bench.sockets", str(server.port), workload.target, str(seconds)]
    return int(_said_by([*pinned_to(core), *words]))


def _said_by(words: list[str]) -> str:
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=REPOSITORY)
    if done.returncode:
        raise MeasuringError(f"the load failed: {done.stderr or done.stdout}")
    return done.stdout


def answered(said: str, status: int = 200) -> int:
    """Read wrk's report.

    Args:
        said: the report.
        status: the status that was asked for; wrk counts those from 400 on as trouble.

    Raises:
        MeasuringError: answers were not of the 2xx, or connections broke.
    """
    for trouble in ("Non-2xx or 3xx responses", "Socket errors"):
        if trouble in said and not (status >= 400 and trouble.startswith("Non")):
            raise MeasuringError(f"wrk met trouble:\n{said}")
    match = re.search(r"(\d+) requests in", said)
    if match is None:
        raise MeasuringError(f"wrk said nothing of requests:\n{said}")
    return int(match[1])
