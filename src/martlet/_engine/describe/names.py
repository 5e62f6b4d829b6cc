"""Names in the document: the operation's id, its summary, and the warning where two operations share an id."""

import re
import warnings

from martlet._engine.read.plan import Plan


def summary(plan: Plan) -> str:
    """Return the summary, made from the route's name where the user gave none."""
    return plan.summary or plan.name.replace("_", " ").title()


def operation_id_for_method(plan: Plan, method: str) -> str:
    """Return the id that older versions of FastAPI gave to one method of a route."""
    return plan.operation_id or re.sub(r"\W", "_", f"{plan.name}{plan.path_format}") + f"_{method.lower()}"


def claim_operation_id(plan: Plan, taken: set[str]) -> str:
    """Return the operation's id and add it to those that are taken.

    Warns:
        UserWarning: another operation has the id. Generated clients name their functions after it.
    """
    name = plan.operation_id or plan.unique_id
    if name in taken:
        warnings.warn(_duplicate(name, plan), stacklevel=2)
    taken.add(name)
    return name


def _duplicate(name: str, plan: Plan) -> str:
    endpoint = getattr(plan.endpoint, "__name__", "<unnamed_endpoint>")
    file = getattr(plan.endpoint, "__globals__", {}).get("__file__")
    return f"Duplicate Operation ID {name} for function {endpoint}" + (f" at {file}" if file else "")
