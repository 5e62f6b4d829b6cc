"""Names for the cases of parametrised tests that are the same in every process, which pytest-xdist asks for."""

import re


def shown(value: object) -> str:
    """Return what `repr` says of a value without its address, and with the elements of sets in order."""
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(map(shown, value))) + "}"
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
