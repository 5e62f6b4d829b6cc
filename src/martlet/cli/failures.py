"""What can go wrong on the command line, each with a code, an exit code and advice.

A command raises a `Failure`; `dispatch` prints it and ends with its exit code. Each says in one line what is wrong,
below it the details, and last what to do. `FAILURES` lists them by code; docs/cli.md explains them.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType
from typing import ClassVar, Final


class ExitCode(IntEnum):
    """What the process ends with."""

    OK = 0
    USER_ERROR = 1
    USAGE = 2
    DOES_NOT_IMPORT = 3
    CHECK_FAILED = 4
    INTERRUPTED = 130


class NoCommandLineError(RuntimeError):
    """The command line was switched off in this process."""


class Failure(Exception):  # noqa: N818 - not an error of the program: the text that a command ends with
    """A command cannot do what it was asked to.

    Args:
        headline: one line that says what is wrong.
        details: further lines: where, and what Python says.
        advice: what to do.
    """

    code: ClassVar[str] = "MARTLET-E100"
    exit_code: ClassVar[ExitCode] = ExitCode.USER_ERROR

    def __init__(self, headline: str, *, details: Sequence[str] = (), advice: Sequence[str] | str = ()) -> None:
        self.headline = headline
        self.details: tuple[str, ...] = tuple(details)
        self.advice: tuple[str, ...] = (advice,) if isinstance(advice, str) else tuple(advice)
        super().__init__(headline)


class ImportFailure(Failure):
    """The module of the app raises an exception when it is imported."""

    code = "MARTLET-E101"
    exit_code = ExitCode.DOES_NOT_IMPORT


class PathFailure(Failure):
    """A file or folder that was named is not there, or is none that can be imported."""

    code = "MARTLET-E102"


class NothingFoundFailure(Failure):
    """No app was named, and none is where apps are looked for."""

    code = "MARTLET-E103"


class NoAppFailure(Failure):
    """The module can be imported, and has no app."""

    code = "MARTLET-E104"


class NotAnAppFailure(Failure):
    """What was named is no app, nor a function that makes one."""

    code = "MARTLET-E105"


class FactoryFailure(Failure):
    """The function that makes the app raises an exception."""

    code = "MARTLET-E106"
    exit_code = ExitCode.DOES_NOT_IMPORT


class SettingsFailure(Failure):
    """What `pyproject.toml` says about the command line cannot be read."""

    code = "MARTLET-E107"


class LifespanFailure(Failure):
    """The app raises an exception when it is started."""

    code = "MARTLET-E108"


class MissingPackageFailure(Failure):
    """The command needs a package that is not installed."""

    code = "MARTLET-E109"


class PortInUseFailure(Failure):
    """Another process listens where the app is to be served."""

    code = "MARTLET-E110"


class AddressFailure(Failure):
    """The address cannot be listened on."""

    code = "MARTLET-E111"


class DocumentFailure(Failure):
    """The app's OpenAPI document cannot be made."""

    code = "MARTLET-E113"


class ProjectFailure(Failure):
    """A project cannot be made where, or under the name, that was asked for."""

    code = "MARTLET-E114"


class TooLateFailure(Failure):
    """`fastapi` was imported before Martlet could take its place."""

    code = "MARTLET-E112"


class UsageFailure(Failure):
    """The arguments are none that the command takes."""

    code = "MARTLET-E120"
    exit_code = ExitCode.USAGE


FAILURES: Final[Mapping[str, type[Failure]]] = MappingProxyType(
    {
        failure.code: failure
        for failure in (
            Failure,
            ImportFailure,
            PathFailure,
            NothingFoundFailure,
            NoAppFailure,
            NotAnAppFailure,
            FactoryFailure,
            SettingsFailure,
            LifespanFailure,
            MissingPackageFailure,
            PortInUseFailure,
            AddressFailure,
            TooLateFailure,
            DocumentFailure,
            ProjectFailure,
            UsageFailure,
        )
    }
)
