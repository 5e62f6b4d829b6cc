"""Make a finding small: leave out of the program and of the request what the difference does not need.

The program's syntax tree is cut, not its text: statements, arguments, keywords and list items are left out one by
one, and whatever keeps the same sort of difference stays out. Then unused imports go.
"""

import ast
import asyncio
from collections.abc import Iterator
from dataclasses import replace

from tests.oracle.hunt import Finding, Pair, Tally, examine
from tests.oracle.requests import Request

MOST_TRIALS = 600


def reduced(runner: asyncio.Runner, pair: Pair, finding: Finding) -> Finding:
    """Return a finding of the same sort with as little in it as cutting achieves."""
    trials = 0
    best = replace(finding, source=ast.unparse(ast.parse(finding.source)))
    before = None
    while before != best and trials < MOST_TRIALS:
        before, at = best, 0
        while trials < MOST_TRIALS and (candidate := _smaller(best, at)):
            trials += 1
            same = _same(runner, pair, candidate, finding.difference.what)
            # What follows a thing left out moves into its place.
            best, at = (same, at) if same else (best, at + 1)
    return replace(best, source=without_unused_imports(best.source))


def _smaller(finding: Finding, number: int) -> Finding | None:
    """Return the finding without the thing of that number, or nothing when there are no more."""
    cuts = _cuts(finding.source)
    if number < cuts:
        return replace(finding, source=_cut(finding.source, number))
    requests = list(_smaller_requests(finding.request)) if finding.request else []
    return replace(finding, request=requests[number - cuts]) if number - cuts < len(requests) else None


def without_unused_imports(source: str) -> str:
    """Leave out the imported names that the program does not use."""
    tree = ast.parse(source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            node.names = [alias for alias in node.names if alias.name in used]
    tree.body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom) or node.names]
    return ast.unparse(tree)


def _same(runner: asyncio.Runner, pair: Pair, candidate: Finding, what: str) -> Finding | None:
    sent = [candidate.request] if candidate.request else []
    found = examine(runner, pair, candidate.source, sent, Tally())
    return next((each for each in found if each.difference.what == what), None)


def _lists(tree: ast.AST) -> Iterator[tuple[list[ast.AST], int]]:
    """Yield each place from which something can be left out: the list that holds it, and where."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.BinOp):
            continue
        for name in ("body", "decorator_list", "keywords", "kwonlyargs", "elts", "handlers", "finalbody"):
            members = getattr(node, name, None)
            if isinstance(members, list):
                kept = (ast.Import, ast.ImportFrom, ast.Pass)
                yield from ((members, at) for at, member in enumerate(members) if not isinstance(member, kept))


def _cuts(source: str) -> int:
    return sum(1 for _ in _lists(ast.parse(source)))


def _cut(source: str, number: int) -> str:
    tree = ast.parse(source)
    members, at = list(_lists(tree))[number]
    members.pop(at)
    for node in ast.walk(tree):
        if isinstance(node, ast.arguments) and node.kwonlyargs is members:
            node.kw_defaults.pop(at)
        if getattr(node, "body", None) is members and not members and not isinstance(node, ast.Module):
            members.append(ast.Pass())
    return ast.unparse(tree)


def _smaller_requests(request: Request) -> Iterator[Request]:
    for at in range(len(request.headers)):
        yield replace(request, headers=(*request.headers[:at], *request.headers[at + 1 :]))
    path, _, query = request.target.partition("?")
    pairs = query.split("&") if query else []
    for at in range(len(pairs)):
        rest = "&".join(pairs[:at] + pairs[at + 1 :])
        yield replace(request, target=f"{path}?{rest}" if rest else path)
    for at in range(len(request.frames)):
        yield replace(request, frames=(*request.frames[:at], *request.frames[at + 1 :]))
    if request.body:
        yield replace(request, body=b"")
    if request.chunks > 1:
        yield replace(request, chunks=1)
