"""`martlet check`: mistakes that only show in production, each with its place and what to do about it."""

from argparse import Namespace
from collections.abc import Sequence
from typing import Final

from martlet.cli.arguments import Parser, add_app, add_json
from martlet.cli.checks.all_checks import found
from martlet.cli.checks.findings import RULES, Finding
from martlet.cli.checks.packages import packages
from martlet.cli.checks.subject import Subject
from martlet.cli.console import Console
from martlet.cli.failures import ExitCode, UsageFailure
from martlet.cli.looks.subject import load_app

_STYLES: Final = {"problem": ("bold", "red"), "note": ("yellow",)}
_SIGNS: Final = {"problem": "✗", "note": "·"}


def configure(parser: Parser) -> None:
    """Declare the arguments."""
    add_app(parser)
    parser.add_argument("--strict", action="store_true", help="Count notes as problems.")
    parser.add_argument(
        "--ignore", metavar="CODE", action="append", default=[], help="Leave a rule out; may be repeated."
    )
    add_json(parser)


def run(arguments: Namespace) -> int:
    """Print what is found; the exit code says whether it is wrong.

    Raises:
        Failure: one of its subclasses, where there is no app, or no rule of a code that is to be left out.
    """
    ignored = {code.upper() for each in arguments.ignore for code in each.split(",")}
    unknown = sorted(ignored - RULES.keys())
    if unknown:
        raise UsageFailure(f"There is no rule {unknown[0]}", advice=f"There are {', '.join(RULES)}.")
    app, loaded = load_app(arguments)
    all_found = found(Subject(app, loaded.target.module))
    surveyed = packages() if arguments.as_fastapi else None
    if surveyed is not None:
        all_found = [*surveyed.findings, *all_found]
    findings = [finding for finding in all_found if finding.rule.code not in ignored]
    failed = any(arguments.strict or finding.rule.level == "problem" for finding in findings)
    console = Console()
    if arguments.json:
        told = {"app": str(loaded.target), "findings": [finding.as_json() for finding in findings]}
        console.json(told if surveyed is None else {**told, "packages": surveyed.as_json()})
    else:
        for line in surveyed.lines() if surveyed else ():
            console.line(line)
        _print(console, findings, str(loaded.target), failed=failed)
    return ExitCode.CHECK_FAILED if failed else ExitCode.OK


def _print(console: Console, findings: Sequence[Finding], target: str, *, failed: bool) -> None:
    for finding in findings:
        rule = finding.rule
        head = f"{_SIGNS[rule.level]} {finding.place}  {rule.name}"
        console.line(f"{console.style(head, *_STYLES[rule.level])}  {console.style(rule.code, 'dim')}")
        console.line(f"    {finding.message}")
        console.line(f"    {finding.advice}")
    problems = sum(finding.rule.level == "problem" for finding in findings)
    notes = len(findings) - problems
    sign = console.style("✗", "bold", "red") if failed else console.style("✓", "green")
    console.line(f"{sign} {target}: {_count(problems, 'problem')}, {_count(notes, 'note')}")


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'s' * (number != 1)}"
