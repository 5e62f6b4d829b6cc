"""What `martlet dev` was asked to do."""

from dataclasses import dataclass
from pathlib import Path

from martlet.cli.discover import Target


@dataclass(frozen=True, slots=True)
class Settings:
    """What `martlet dev` was asked to do.

    Args:
        target: the app.
        host: the host to listen on, as the user wrote it.
        port: the port that is listened on.
        folders: where changed files mean a reload; none for no reload.
        root_path: what a proxy in front takes off the paths.
        proxy_headers: whether to believe the `X-Forwarded-` headers.
        forwarded_allow_ips: of whom to believe them; None for uvicorn's own default.
        verbose: print tracebacks whole, and how the app was found.
    """

    target: Target
    host: str
    port: int
    folders: tuple[Path, ...] = ()
    root_path: str = ""
    proxy_headers: bool = True
    forwarded_allow_ips: str | None = None
    verbose: bool = False
