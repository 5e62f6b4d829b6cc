"""The parcels service as it is deployed: a Postgres of its own, workers, and nginx in front, all in one folder."""

import os
import shutil
import signal
import ssl
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.serving import ROOT, environment, free_port

EXAMPLE = ROOT / "examples" / "parcels"
PATIENCE = 40.0
NGINX = """
daemon off;
{user}
worker_processes 2;
pid {run}/nginx.pid;
error_log {run}/nginx.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {run}/body;
    proxy_temp_path {run}/proxy;
    fastcgi_temp_path {run}/fastcgi;
    uwsgi_temp_path {run}/uwsgi;
    scgi_temp_path {run}/scgi;
    include {run}/site.conf;
}}
"""


def program(name: str, package: str) -> str:
    """Return where a program is, or fail with what to install: Debian has Postgres' outside of the PATH."""
    folders = [
        os.environ.get("PATH", os.defpath),
        "/usr/sbin",
        *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin"))),
    ]
    found = shutil.which(name, path=os.pathsep.join(folders))
    if found is None:
        pytest.fail(f"{name} is not installed: apt-get install {package}")
    return found


def eventually(holds: Callable[[], Any], what: str) -> None:
    """Wait until something holds."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, f"in {PATIENCE} s, {what}"
        time.sleep(0.05)


@dataclass
class Depot:
    """The service, as it stands.

    Args:
        folder: its sockets, its logs.
        url: where clients find it.
        redirected: where those find it who do not know TLS.
        database: its address, for SQLAlchemy.
        workers: the supervisor of the workers.
    """

    folder: Path
    url: str
    redirected: str
    database: str
    workers: subprocess.Popen[bytes]

    def log(self, name: str) -> str:
        return (self.folder / name).read_text(errors="replace")

    def client(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, verify=self.trust(), timeout=10)

    def trust(self) -> ssl.SSLContext:
        """Return what trusts the certificate, and no other."""
        return ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))

    def pids(self) -> set[int]:
        """Return the workers: all children of the supervisor but Python's own, which looks after shared memory."""
        return {
            pid
            for pid, parent in processes().items()
            if parent == self.workers.pid and b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
        }


def processes() -> dict[int, int]:
    """Return the parent of each process that is not at its end."""
    found: dict[int, int] = {}
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent, *_ = (each / "stat").read_text().rpartition(")")[2].split()
            if state not in "XZ":
                found[int(each.name)] = int(parent)
    return found


def family(pid: int) -> set[int]:
    """Return a process and all that come from it."""
    parents, found = processes(), {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


@contextmanager
def running(command: list[str], log: Path, by: signal.Signals, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the block ends; it has to end then, with exit code 0 and with all that it has started."""
    with log.open("wb") as output:
        process = subprocess.Popen[bytes](
            command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True, **options
        )
    try:
        yield process
        everybody = family(process.pid)
        process.send_signal(by)
        assert process.wait(PATIENCE) == 0, log.read_text(errors="replace")[-4000:]
        eventually(lambda: not everybody & processes().keys(), f"{command[0]} has not ended all of its processes")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def postgres() -> Iterator[str]:
    """Run a Postgres with a database `parcels`, and give its address; as the user postgres where root runs this."""
    server, initdb = program("postgres", "postgresql"), program("initdb", "postgresql")
    folder = Path(tempfile.mkdtemp(prefix="martlet-pg-"))  # pytest's own folder is closed to other users
    options: dict[str, Any] = {"cwd": folder}
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        options |= {"user": "postgres", "group": "postgres", "extra_groups": []}
    try:
        made = [
            initdb,
            "-D",
            str(folder / "data"),
            "-U",
            "postgres",
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--no-locale",
        ]
        subprocess.run(made, check=True, capture_output=True, timeout=PATIENCE, **options)
        # No port, only a socket; a crash of the machine may cost the test its data.
        command = [server, "-D", str(folder / "data"), "-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off"]
        with running(command, folder / "log", signal.SIGINT, **options):
            eventually(lambda: "ready to accept connections" in (folder / "log").read_text(), "Postgres is not ready")
            created = [program("createdb", "postgresql"), "-h", str(folder), "-U", "postgres", "parcels"]
            subprocess.run(created, check=True, capture_output=True, timeout=PATIENCE)
            yield f"postgresql+psycopg://postgres@/parcels?host={folder}"
    finally:
        shutil.rmtree(folder)


@contextmanager
def deployed(folder: Path) -> Iterator[Depot]:
    """Deploy the service as docs/deployment.md says."""
    http, https = free_port(), free_port()
    with ExitStack() as stack:
        database = stack.enter_context(postgres())
        options: dict[str, Any] = {"cwd": folder, "env": environment({"PARCELS_DATABASE": database})}
        # (`check` refuses models that the migrations do not make)
        for step in (["upgrade", "head"], ["check"]):
            alembic = [sys.executable, "-m", "alembic", "-c", str(EXAMPLE / "alembic.ini"), *step]
            subprocess.run(alembic, check=True, capture_output=True, timeout=PATIENCE, **options)
        serve = [
            sys.executable, "-m", "martlet", "run", "parcels.main:app", "--workers", "2", "--uds", "app.sock",
            "--forwarded-allow-ips", "*", "--root-path", "/depot", "--keep-alive", "75", "--drain", "10",
            "--no-access-log",
        ]  # fmt: skip
        workers = stack.enter_context(running(serve, folder / "workers.log", signal.SIGTERM, **options))
        eventually(
            lambda: workers.poll() is not None or "Ctrl-C stops" in (folder / "workers.log").read_text(),
            "the workers are not ready",
        )
        assert workers.poll() is None, (folder / "workers.log").read_text()
        nginx = [*configured(folder, http, https), "-e", str(folder / "nginx.log")]
        stack.enter_context(running(nginx, folder / "nginx.out", signal.SIGQUIT))
        depot = Depot(folder, f"https://localhost:{https}/depot", f"http://localhost:{http}/depot", database, workers)
        with depot.client() as client:
            eventually(lambda: answers(client), "nginx does not answer")
        yield depot


def configured(folder: Path, http: int, https: int) -> list[str]:
    """Write nginx's configuration with a certificate, and return the command."""
    key, certificate = str(folder / "privkey.pem"), str(folder / "fullchain.pem")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run(
        [
            *made,
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            key,
            "-out",
            certificate,
        ],
        check=True,
        capture_output=True,
    )
    site = string.Template((EXAMPLE / "nginx.conf.template").read_text()).safe_substitute(
        SERVER_NAME="localhost", HTTP_PORT=http, HTTPS_PORT=https, CERTIFICATES=folder, RUN=folder
    )
    (folder / "site.conf").write_text(site)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(run=folder, user=user))
    return [program("nginx", "nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]


def answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx2.TransportError:
        return False
