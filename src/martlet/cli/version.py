"""The version of Martlet, for what the commands print.

Nothing inside imports the names at the top of `martlet`, which are there for users; this one is asked for there.
"""

from importlib import import_module
from typing import Final

VERSION: Final[str] = import_module("martlet").__version__
