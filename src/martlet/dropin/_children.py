"""How processes of `multiprocessing` learn of the drop-in before they import anything of the program.

A forked process inherits it. One that is spawned runs the program's main module again, with `install()` on its first
line; but not if that is `martlet.__main__`, nor in front of a pickled target. So the note goes along in what each
process hands on to its children, and installs the drop-in when it is unpickled, ahead of the target.
"""

from multiprocessing.process import current_process
from typing import Any

NOTE = "martlet-dropin"


class Note:
    """Installs the drop-in in the process that unpickles it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _install_here, ()


def _install_here() -> Note:
    from martlet.dropin import install  # noqa: PLC0415 - it imports this module

    install()
    return Note()


def tell_children() -> None:
    """Have the processes that this one starts from now on install the drop-in, and those that they start."""
    # A process copies this dictionary from the one that makes it, and pickles it in front of its target: the only
    # thing that all ways to start one have in common, and unchanged since Python 2.6.
    config: dict[str, Any] = vars(current_process()).setdefault("_config", {})
    config[NOTE] = Note()
