"""What a check finds, and the rules by which it does: each with a code, a name, and whether it is a problem or a note.

A problem is wrong in production, and the command then ends with exit code 4. A note is a choice that one should have
made knowingly; only `--strict` counts it. A finding on a line that says `# martlet: ignore` is left out, or
`# martlet: ignore[MARTLET-C103]` for one rule.
"""

import linecache
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from martlet.cli.looks.places import Place

_IGNORED: Final = re.compile(r"#\s*martlet:\s*ignore(?:\[([^\]]*)\])?")


@dataclass(frozen=True, slots=True)
class Rule:
    """Something to look for.

    Args:
        code: its code.
        name: its name, for people.
        level: whether what it finds is wrong or only to be known.
    """

    code: str
    name: str
    level: Literal["problem", "note"]


DUPLICATE_ID: Final = Rule("MARTLET-C101", "duplicate operation id", "problem")
SHADOWED: Final = Rule("MARTLET-C102", "shadowed route", "problem")
BLOCKING: Final = Rule("MARTLET-C103", "blocking call", "problem")
CORS: Final = Rule("MARTLET-C104", "any origin with credentials", "problem")
DEBUG: Final = Rule("MARTLET-C105", "debug", "problem")
SECRET: Final = Rule("MARTLET-C106", "weak session secret", "problem")
DOCUMENT: Final = Rule("MARTLET-C107", "no document", "problem")
PACKAGE: Final = Rule("MARTLET-C108", "package that needs FastAPI itself", "problem")
SLOW: Final = Rule("MARTLET-C201", "slow call", "note")
LONGER_WAY: Final = Rule("MARTLET-C202", "longer way", "note")
DOCS: Final = Rule("MARTLET-C203", "public docs", "note")
UNLIMITED: Final = Rule("MARTLET-C204", "unlimited body", "note")

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        rule.code: rule
        for rule in (
            DUPLICATE_ID,
            SHADOWED,
            BLOCKING,
            CORS,
            DEBUG,
            SECRET,
            DOCUMENT,
            PACKAGE,
            SLOW,
            LONGER_WAY,
            DOCS,
            UNLIMITED,
        )
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found.

    Args:
        rule: by which rule.
        place: where.
        message: what it is.
        advice: what to do about it.
    """

    rule: Rule
    place: Place
    message: str
    advice: str

    @property
    def is_ignored(self) -> bool:
        """Whether its line says that it is meant."""
        found = _IGNORED.search(linecache.getline(self.place.file, self.place.line)) if self.place.line else None
        return found is not None and (found[1] is None or self.rule.code in re.split(r"[\s,]+", found[1]))

    def as_json(self) -> dict[str, Any]:
        """Return the finding for `--json`."""
        return {
            "code": self.rule.code,
            "name": self.rule.name,
            "level": self.rule.level,
            **self.place.as_json(),
            "message": self.message,
            "advice": self.advice,
        }
