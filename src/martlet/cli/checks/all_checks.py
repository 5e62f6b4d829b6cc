"""All checks, in the order in which their findings are printed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from martlet.cli.checks import blocking, routes, settings
from martlet.cli.checks.findings import Finding
from martlet.cli.checks.subject import Subject

CHECKS: Final[Sequence[Callable[[Subject], Iterator[Finding]]]] = (
    settings.cors,
    settings.debug,
    settings.session_secret,
    routes.document,
    routes.operation_ids,
    routes.shadowed,
    blocking.blocking,
    routes.longer_way,
    settings.docs,
    settings.body_size,
)


def found(subject: Subject) -> list[Finding]:
    """Return what all checks find, problems first, without what is marked as meant on its line."""
    findings = [finding for check in CHECKS for finding in check(subject) if not finding.is_ignored]
    return sorted(findings, key=lambda finding: finding.rule.level == "note")
