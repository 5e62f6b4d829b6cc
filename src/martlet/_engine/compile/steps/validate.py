"""Validation: one validator for the parameters, one for the body; what does not fit leaves for the careful way."""

import json
from collections.abc import Sequence

from pydantic import ValidationError

from martlet._engine.compile.recipe import Group, Recipe
from martlet._engine.compile.source import Source
from martlet._engine.compile.validator import Value, validator, whole_validator
from martlet._engine.run.notes import note_in


def validate(source: Source, recipe: Recipe, variable: str, values: Sequence[Value]) -> Group:
    """Validate parameters out of `carried`."""
    check = source.bind(f"validate_{variable}", validator(values, noted=recipe.notes).validate_python)
    source.line(f"{variable} = {check}(carried)")
    return Group(variable, tuple(values))


def validate_body(source: Source, recipe: Recipe) -> Group:
    """Validate the body before anything is called, from its text where that gives the same."""
    return _body(source, recipe, "", recipe.body_values, text="body")


def begin_notes(source: Source, values: Sequence[Value]) -> None:
    """Have noted what code of the user's makes of values, for the careful way, if there is any."""
    if any(value.late for value in values):
        source.line(f"{source.bind('note_in', note_in)}(noted)")


def parse(source: Source) -> None:
    """Parse the body, so that a body that is no JSON is refused before a dependency runs."""
    source.line(f"data = {source.bind('parse_json', json.loads)}(body)")


def validate_late_body(source: Source, recipe: Recipe, turn: int, values: Sequence[Value]) -> Group:
    """Validate an owner's part of the parsed body."""
    return _body(source, recipe, str(turn), values, text=None)


def _body(source: Source, recipe: Recipe, number: str, values: Sequence[Value], *, text: str | None) -> Group:
    embed = recipe.plan.body is not None and recipe.plan.body.embed
    checked = validator(values, noted=recipe.notes) if embed else whole_validator(values[0], noted=recipe.notes)
    name = f"validate_body{number}"
    if text and recipe.body_from_text:
        call = f"{source.bind(name, checked.validate_json)}({text})"
    else:
        data = f"{source.bind('parse_json', json.loads)}({text})" if text else "data"
        call = f"{source.bind(name, checked.validate_python)}({data})"
    variable = f"body_values{number}" if embed else f"body_value{number}"
    source.line(f"{variable} = {call}")
    return Group(variable, tuple(values), is_mapping=embed)


def refusal(source: Source, recipe: Recipe) -> str:
    """Return the errors by which a value says that it does not fit."""
    if recipe.body_values and not recipe.body_from_text:
        # `json.loads` raises ValueError for what is no JSON, RecursionError for what is nested without end. pydantic's
        # ValidationError is a ValueError, too.
        return "(ValueError, RecursionError)"
    return source.bind("ValidationError", ValidationError)
