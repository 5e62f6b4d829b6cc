"""The handlers of the table of cases: their text, their answers, and that requests leave nothing of the text out."""

import os
from collections.abc import Sequence
from pathlib import Path

import anyio
import pytest

from martlet._engine.compile.handler import Handler
from martlet._engine.serve.asgi import DirectStack
from martlet._engine.serve.targets import Target
from tests.asking import WAYS, Answer, Ask, Framework, Way, ask
from tests.engine.compile.branches import Branches
from tests.engine.compile.cases import CASES, Case, answers, bodies, dependencies, parameters, threads

GOLDEN = Path(__file__).parent / "golden"
UPDATING = bool(os.environ.get("MARTLET_UPDATE_GOLDEN"))
MODULES = (parameters, bodies, dependencies, answers, threads)

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@each_case
def test_the_source_is_golden(case: Case) -> None:
    """`MARTLET_UPDATE_GOLDEN=1 pytest tests/engine/compile` writes the files anew; read what changes in them."""
    found = f'"""{(case.make.__doc__ or case.name).strip()}"""\n' + "".join(map(_text, _handlers(case, "direct")))
    if case.observed:
        found += "\n\n# With a middleware outside.\n" + "".join(map(_text, _handlers(case, "observed")))
    file = GOLDEN / f"{case.name}.txt"
    if UPDATING:
        file.write_text(found, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == found


def test_every_case_has_a_file_and_every_file_a_case() -> None:
    assert {case.make.__module__ for case in CASES} == {module.__name__ for module in MODULES}
    assert sorted(file.stem for file in GOLDEN.iterdir()) == sorted(case.name for case in CASES)


def _text(handler: Handler) -> str:
    return f"\n\n# {' '.join(handler.plan.methods)} {handler.plan.path}\n{handler.source}"


def _handlers(case: Case, way: Way) -> list[Handler]:
    app = case.make(Framework("martlet", way))
    app = getattr(app.state, "inner", app)
    stack = app.build_middleware_stack()
    dispatcher = stack.dispatcher if isinstance(stack, DirectStack) else app.router.dispatcher
    return [target.handler() for target in dispatcher.frozen.targets if isinstance(target, Target)]


@pytest.mark.anyio
@pytest.mark.parametrize("way", WAYS)
@each_case
async def test_answers_are_those_of_fastapi(case: Case, way: Way) -> None:
    expected = await _answers(case, Framework("fastapi", way))
    found = await _answers(case, Framework("martlet", way))
    for request, one, other in zip(case.asks, expected, found, strict=True):
        assert other == one, request


@each_case
def test_every_branch_is_taken(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    branches = Branches(monkeypatch)
    anyio.run(_answers, case, Framework("martlet"), (*case.asks, *case.ours))
    assert branches.not_taken() == []


async def _answers(case: Case, framework: Framework, asks: Sequence[Ask] | None = None) -> list[Answer]:
    app = case.make(framework)
    return [await ask(app, request) for request in (case.asks if asks is None else asks)]
