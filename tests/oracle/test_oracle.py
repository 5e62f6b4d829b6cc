"""Martlet answers as FastAPI does: drawn programs, drawn requests; and the oracle itself sees what differs."""

import sys
from collections.abc import Iterator
from types import ModuleType

import fastapi
import pytest
from hypothesis import settings

from tests.oracle import __main__ as command
from tests.oracle.client import Answer, Built, build, running
from tests.oracle.compare import Difference, compare_answers, compare_builds, compare_documents
from tests.oracle.hunt import Finding, Pair, Tally, examine, hunt
from tests.oracle.preamble import PREAMBLE
from tests.oracle.reduce import reduced, without_unused_imports
from tests.oracle.requests import Request

SMALL = """
from fastapi import FastAPI
LOG = []
app = FastAPI()

@app.get("/items/{number}")
def read(number: int, q: str = "x"):
    return {"number": number, "q": q}
"""


def wanted_requests() -> int:
    """Return how many to send a seed: `--hypothesis-profile=long` is for those who have minutes."""
    examples = settings().max_examples
    return examples * 2 if examples > 100 else 75


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_martlet_answers_as_fastapi_does(number: int) -> None:
    tally = hunt(Pair(), wanted_requests(), number)
    with running() as runner:
        shown = [command.script(reduced(runner, Pair(), each)) for each in list(tally.findings.values())[:3]]
    assert not tally.counts, "\n\n".join([*command.summary(tally), *shown])


def test_fastapi_answers_as_itself() -> None:
    tally = hunt(Pair(ours="fastapi"), 60, 1)
    assert not tally.counts
    assert tally.requests >= 60
    assert len(tally.statuses) > 3


@pytest.fixture
def mutant() -> Iterator[str]:
    """Offer FastAPI with one thing changed: validation fails with a 423."""

    class Mutant(fastapi.FastAPI):
        def build_middleware_stack(self) -> object:  # type: ignore[override]  # only Starlette calls it
            inner = super().build_middleware_stack()

            async def app(scope: object, receive: object, send: object) -> None:
                async def changed(message: dict[str, object]) -> None:
                    if message.get("status") == 422:
                        message["status"] = 423
                    await send(message)  # type: ignore[operator]  # as ASGI has it

                await inner(scope, receive, changed)  # type: ignore[arg-type]  # as ASGI has it

            return app

    names = [name for name in sys.modules if name.startswith("fastapi.")]
    aliases: dict[str, ModuleType] = {name.replace("fastapi", "mutant", 1): sys.modules[name] for name in names}
    aliases["mutant"] = ModuleType("mutant")
    vars(aliases["mutant"]).update({**vars(fastapi), "FastAPI": Mutant, "__name__": "mutant"})
    sys.modules.update(aliases)
    yield "mutant"
    for name in aliases:
        del sys.modules[name]


def test_a_change_is_found_and_made_small(mutant: str) -> None:
    pair = Pair(ours=mutant)
    tally = hunt(pair, 60, 3)
    assert set(tally.counts) == {"status 422 -> 423"}
    with running() as runner:
        small = reduced(runner, pair, tally.findings["status 422 -> 423"])
    assert small.request is not None
    assert len(small.source.splitlines()) < 15
    assert command.replay(pair, command.script(small)) == 1
    assert command.replay(Pair(ours="fastapi"), command.script(small)) == 0


def test_refusals_are_compared() -> None:
    accepted, other = Built(object(), []), Built(None, [], "AssertionError", "no such thing")
    assert compare_builds(accepted, accepted) is None
    assert compare_builds(other, Built(None, [], "InvalidPathError", "no such thing: try another")) is None
    for ours, what in (
        (accepted, "declaration AssertionError -> accepted"),
        (Built(None, [], "X", "else"), "text of a refusal"),
    ):
        found = compare_builds(other, ours)
        assert found
        assert found.what == what


def test_input_that_breaks_the_oracle_may_be_refused() -> None:
    broken = Answer(500, (), b"", (), ("ValueError",), "nan")
    assert compare_answers(broken, Answer(422, (), b"{}", ())) is None
    for theirs, ours in (
        (broken, Answer(200, (), b"{}", ())),
        (Answer(500, (), b"", (), ("ResponseValidationError",)), Answer(422, (), b"{}", ())),
        (Answer(422, (), b"{}", ()), broken),
    ):
        assert compare_answers(theirs, ours)


def test_a_stream_of_events_may_be_told_up_to_where_it_fails() -> None:
    kind = (("content-type", "text/event-stream; charset=utf-8"),)
    theirs = Answer(200, kind, b"data: 1", (), ("ExceptionGroup",))
    for ours, alike in (
        (Answer(200, kind, b"data: 1data: 2", (), ("ExceptionGroup",)), True),
        (Answer(200, kind, b"data: 2", (), ("ExceptionGroup",)), False),
        (Answer(200, (("content-type", "text/plain"),), b"data: 1data: 2", (), ("ExceptionGroup",)), False),
    ):
        assert (compare_answers(theirs, ours) is None) is alike
    one, other = (Answer(200, kind, b"", log) for log in (("a", "b"), ("b", "a")))
    assert compare_answers(one, other) is None
    assert compare_answers(one, Answer(200, kind, b"", ("a",)))
    whole = Answer(200, kind, b"data: 1", ())
    assert compare_answers(whole, Answer(200, kind, b"data: 1data: 2", ()))


def test_sets_have_no_order() -> None:
    theirs = Answer(200, (), b'{"a":[[2,1],3],"b":"[2,1]"}', ())
    for body, alike in (
        (b'{"a":[3,[1,2]],"b":"[2,1]"}', True),
        (b'{"a":[3,[1,2]],"b":"[1,2]"}', False),
        (b'{"a":[[1,2]],"b":"[2,1]"}', False),
        (b"no JSON", False),
    ):
        ours = Answer(200, (), body, ())
        assert (compare_answers(theirs, ours, has_sets=True) is None) is alike
        assert compare_answers(theirs, ours)


def test_a_derived_error_with_advice_is_the_like() -> None:
    theirs = Answer(500, (), b"", (), ("ValueError", "Exception"), "no such thing")
    for ours, alike in (
        (Answer(500, (), b"", (), ("Named", "ValueError", "Exception"), "no such thing: try another"), True),
        (Answer(500, (), b"", (), ("Named", "TypeError", "Exception"), "no such thing"), False),
        (Answer(500, (), b"", (), ("ValueError", "Exception"), "else"), False),
    ):
        assert (compare_answers(theirs, ours) is None) is alike


@pytest.mark.parametrize(
    ("ours", "what"),
    [
        (Answer(201, (("a", "b"),), b"x", ("y",)), "status 200 -> 201"),
        (Answer(200, (("a", "b"),), b"x", ("y",), ("Oops", "Exception")), "raised nothing -> Oops"),
        (Answer(200, (("a", "b"),), b"z", ("y",)), "body of a 200"),
        (Answer(200, (("a", "c"),), b"x", ("y",)), "header a"),
        (Answer(200, (("a", "b"),), b"x", ()), "order of turns"),
    ],
)
def test_answers_are_compared_in_all_they_have(ours: Answer, what: str) -> None:
    found = compare_answers(Answer(200, (("a", "b"),), b"x", ("y",)), ours)
    assert found
    assert found.what == what


def test_documents_are_compared_with_the_order_of_their_keys() -> None:
    assert compare_documents('{"a": 1}', '{"a": 1}') is None
    assert compare_documents("ValueError Exception", "Named ValueError Exception") is None
    for theirs, ours, what in (
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', "openapi: order of keys"),
        ('{"paths": {"/x": {"get": [1]}}}', '{"paths": {"/x": {"get": [2]}}}', "openapi.paths.*.get[0]"),
        ('{"a": 1}', '{"a": 1, "b": 2}', "openapi: keys ['b']"),
        ("TypeError", '{"a": 1}', "openapi raised"),
    ):
        found = compare_documents(theirs, ours)
        assert found
        assert found.what == what


def test_a_refused_program_is_a_finding_only_if_one_accepts_it() -> None:
    with running() as runner:
        tally = Tally()
        assert examine(runner, Pair(ours="fastapi"), "raise ValueError('no')", [], tally) == []
        assert tally.refused == 1
        assert examine(runner, Pair(ours="fastapi"), SMALL, [Request("GET", "/items/x")], tally) == []
        assert tally.statuses == {422: 1}
    assert build("LOG = []", "fastapi").refusal == "nothing to serve"


def test_the_preamble_has_no_import_that_is_not_there() -> None:
    assert build(f"{PREAMBLE}\napp = FastAPI()", "fastapi").refusal == ""
    assert without_unused_imports("import re\nfrom a import b, c\nc()") == "from a import c\nc()"


def test_long_bodies_are_written_short() -> None:
    difference = Difference("status 1 -> 2", "1", "2")
    text = command.script(Finding(difference, SMALL, Request("POST", "/", body=b"1" * 5000)))
    assert "body=b'1' * 5000" in text
