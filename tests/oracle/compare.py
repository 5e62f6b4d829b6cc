"""What differs between two answers, two documents, two refusals; and what counts as equal though it is not."""

import json
from dataclasses import dataclass

from tests.oracle.client import Answer, Built

# Raised by the endpoint or by what it answered with: no input of the client's makes these.
OWN_FAULTS = ("ResponseValidationError", "Oops", "RequestValidationError")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Args:
        what: the sort of difference, by which findings are gathered: such as `status 200 -> 500` or `header date`.
        theirs: what genuine FastAPI says.
        ours: what the other framework says.
    """

    what: str
    theirs: str
    ours: str


def compare_answers(theirs: Answer, ours: Answer, *, has_sets: bool = False) -> Difference | None:
    """Return the first thing in which two answers differ, or nothing.

    Args:
        theirs: genuine FastAPI's.
        ours: the other framework's.
        has_sets: whether the program has sets, which have no order: FastAPI copies those in a dataclass.
    """
    if refused_instead_of_broken(theirs, ours):
        return None
    if theirs.status != ours.status:
        return Difference(f"status {theirs.status} -> {ours.status}", _show(theirs), _show(ours))
    if not raised_the_like(theirs, ours):
        return Difference(f"raised {_name(theirs)} -> {_name(ours)}", _show(theirs), _show(ours))
    if theirs.body != ours.body and not (
        told_up_to_the_failure(theirs, ours) or (has_sets and _unordered(theirs.body) == _unordered(ours.body))
    ):
        return Difference(f"body of a {theirs.status}", _show(theirs), _show(ours))
    if theirs.headers != ours.headers:
        apart = {name for name, _ in set(theirs.headers) ^ set(ours.headers)}
        what = f"header {', '.join(sorted(apart))}" if apart else "order of headers"
        return Difference(what, str(theirs.headers), str(ours.headers))
    if theirs.log != ours.log and not (_is_event_stream(ours) and sorted(theirs.log) == sorted(ours.log)):
        # (the source of events runs beside the exits of dependencies, and those of plain generators in a thread)
        return Difference("order of turns", str(theirs.log), str(ours.log))
    return None


def raised_the_like(theirs: Answer, ours: Answer) -> bool:
    """Say whether both raised nothing, or ours an error that who catches FastAPI's catches too.

    An error of ours may derive from FastAPI's, and say what to do after what that says.
    """
    return _name(theirs) in (ours.raised or ("nothing",)) and theirs.reason in ours.reason


def refused_instead_of_broken(theirs: Answer, ours: Answer) -> bool:
    """Say whether FastAPI broke on an input that the other framework refuses: a 5xx there, a 4xx here, is equal."""
    broken = theirs.status >= 500 or (theirs.raised and not theirs.status)
    return bool(broken) and _name(theirs) not in OWN_FAULTS and 400 <= ours.status < 500


def told_up_to_the_failure(theirs: Answer, ours: Answer) -> bool:
    """Say whether a stream of events failed after more of them: FastAPI drops those that were yielded just before."""
    return _is_event_stream(ours) and bool(ours.raised) and ours.body.startswith(theirs.body)


def _is_event_stream(answer: Answer) -> bool:
    return any(name == "content-type" and value.startswith("text/event-stream") for name, value in answer.headers)


def _unordered(body: bytes) -> object:
    """Return a body in a form that is the same whatever the order of its arrays."""
    try:
        return _sorted(json.loads(body))
    except ValueError:
        return body


def _sorted(data: object) -> object:
    if isinstance(data, dict):
        return {key: _sorted(value) for key, value in data.items()}
    return sorted(map(_sorted, data), key=json.dumps) if isinstance(data, list) else data


def compare_builds(theirs: Built, ours: Built) -> Difference | None:
    """Return how two declarations differ: one refused, or refused for another reason.

    The other framework's error may be of a class of its own; its text has to begin like FastAPI's where that wrote
    one itself. Errors of Python's and of Pydantic's are compared by class only.
    """
    if not theirs.refusal and not ours.refusal:
        return None
    shown = [f"{built.refusal}: {built.reason}" if built.refusal else "accepted" for built in (theirs, ours)]
    if not (theirs.refusal and ours.refusal):
        return Difference(f"declaration {theirs.refusal or 'accepted'} -> {ours.refusal or 'accepted'}", *shown)
    pinned = theirs.refusal in ("AssertionError", "FastAPIError", "DependencyScopeError")
    if pinned and theirs.reason not in ours.reason:
        return Difference("text of a refusal", *shown)
    return None


def compare_documents(theirs: str, ours: str) -> Difference | None:
    """Return where two OpenAPI documents differ first, as a path of keys."""
    if theirs == ours:
        return None
    if not (theirs.startswith("{") and ours.startswith("{")):
        # Ours may derive from FastAPI's.
        if theirs.partition(" ")[0] in ours.split(" "):
            return None
        return Difference("openapi raised", theirs[:300], ours[:300])
    return _first_difference("openapi", json.loads(theirs), json.loads(ours))


def _first_difference(at: str, theirs: object, ours: object) -> Difference:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        if list(theirs) != list(ours):
            what = "order of keys" if set(theirs) == set(ours) else f"keys {sorted(set(theirs) ^ set(ours))}"
            return Difference(f"{_general(at)}: {what}", f"{at}: {list(theirs)}", f"{at}: {list(ours)}")
        key = next(key for key in theirs if json.dumps(theirs[key]) != json.dumps(ours[key]))
        return _first_difference(f"{at}.{key}", theirs[key], ours[key])
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        number = next(
            n for n, pair in enumerate(zip(theirs, ours, strict=True)) if json.dumps(pair[0]) != json.dumps(pair[1])
        )
        return _first_difference(f"{at}[{number}]", theirs[number], ours[number])
    return Difference(_general(at), f"{at}: {json.dumps(theirs)[:500]}", f"{at}: {json.dumps(ours)[:500]}")


def _general(at: str) -> str:
    """Leave out what names a program's own path or model, so that findings of a sort are gathered."""
    parts = at.split(".")
    return ".".join(
        "*" if before in ("paths", "schemas", "properties") else part
        for before, part in zip(["", *parts], parts, strict=False)
    )


def _show(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:600]!r}" + (
        f" {_name(answer)}: {answer.reason[:300]}" if answer.raised else ""
    )


def _name(answer: Answer) -> str:
    return answer.raised[0] if answer.raised else "nothing"
