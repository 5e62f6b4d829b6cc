"""The process that says which files have changed, a JSON line for each batch, through a pipe.

It is a process of its own because watchfiles has threads, and the supervisor forks, which processes with threads
must not. It is forked before the framework is imported, so both begin at the same time.
"""

import json
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

# What is read when an app is imported, beside Python files.
_NAMES: Final = frozenset({".env", "pyproject.toml"})
# How long a batch is gathered, in milliseconds: editors write a file in several steps.
DEBOUNCE: Final = 100
STEP: Final = 20
# How often to look whether the supervisor is still there, in milliseconds.
_PATIENCE: Final = 1000


def watch(folders: Sequence[Path], out: int) -> None:
    """Write what changes into a pipe until the process that reads it is gone.

    Args:
        folders: where to look, with all that is below.
        out: the pipe.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to answer: it ends this process
    parent = os.getppid()
    for changes in _changes(folders):
        if os.getppid() != parent:
            return
        if changes:
            os.write(out, json.dumps(sorted({path for _, path in changes})).encode() + b"\n")


def _changes(folders: Sequence[Path]) -> Any:
    import watchfiles  # noqa: PLC0415 - in this process only

    options: dict[str, Any] = {
        "watch_filter": is_code_filter(),
        "debounce": DEBOUNCE,
        "step": STEP,
        "rust_timeout": _PATIENCE,
        "yield_on_timeout": True,
        "raise_interrupt": False,
    }
    try:
        yield from watchfiles.watch(*folders, **options)
    except OSError:
        # The system watches no more files (inotify has a limit): look at each of them now and then.
        yield from watchfiles.watch(*folders, **options, force_polling=True)


def is_code_filter() -> Callable[[Any, str], bool]:
    """Return the function that tells watchfiles which files matter: code, outside of environments and caches."""
    import watchfiles  # noqa: PLC0415 - in this process only

    ignored = watchfiles.DefaultFilter()

    def is_code(change: Any, path: str) -> bool:
        name = path.rpartition(os.sep)[2]
        return (name.endswith(".py") or name in _NAMES) and ignored(change, path)

    return is_code
