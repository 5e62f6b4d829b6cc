"""The operations of one route: what stands under a path of the document, from a Plan.

An operation is put together so that each part may be overridden by those after it: what the route says of itself,
security, parameters, body, callbacks, responses, and at the end what the user wrote by hand. Keys come in FastAPI's
order here already: an operation that is not strictly OpenAPI (tags that are enums will do) is kept as it stands.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from martlet._engine.describe.answers import leaves_refusal_open, responses
from martlet._engine.describe.inputs import Inputs, inputs_of
from martlet._engine.describe.merge import merged
from martlet._engine.describe.names import claim_operation_id, summary
from martlet._engine.describe.parameters import parameters, request_body
from martlet._engine.describe.schemas import Schemas
from martlet._engine.describe.security import security_requirements
from martlet._engine.read.plan import Plan
from martlet._engine.read.slot import Slot
from martlet.openapi.constants import METHODS_WITH_BODY


@dataclass(frozen=True, slots=True)
class Outline:
    """A plan with its dependency tree gathered, once for all that is made of it."""

    plan: Plan
    inputs: Inputs
    callbacks: tuple["Outline", ...]


def outline(plan: Plan) -> Outline:
    """Return the outline of a plan and of its callbacks."""
    return Outline(plan, inputs_of(plan.dependant), tuple(map(outline, plan.callbacks)))


def slots_of(outlines: Iterable[Outline]) -> Iterator[Slot]:
    """Yield every slot that the operations show: those of callbacks, then bodies, answers and parameters."""
    shown = [each for each in outlines if each.plan.include_in_schema]
    for each in shown:
        yield from slots_of(each.callbacks)
    for each in shown:
        if each.plan.body is not None:
            yield each.plan.body.field
    for each in shown:
        result = each.plan.result
        yield from (slot for slot in (result.field, *result.additional_fields.values(), result.item_field) if slot)
    for each in shown:
        yield from each.inputs.slots


def path_item(described: Outline, schemas: Schemas, taken_ids: set[str]) -> dict[str, Any]:
    """Return a plan's operations by method, lower case; nothing if it is not to be shown.

    Args:
        described: the plan.
        schemas: those of the document.
        taken_ids: the ids of the operations before; those of these are added.
    """
    plan = described.plan
    if not plan.include_in_schema:
        return {}
    return {method.lower(): _operation(method, described, schemas, taken_ids) for method in plan.methods}


def refers_to_validation_error(described: Outline) -> bool:
    """Whether one of a plan's operations has the automatic 422, whose schemas the document must then hold."""
    plan = described.plan
    return plan.include_in_schema and _refuses_input(described) and leaves_refusal_open(plan.result)


def _refuses_input(described: Outline) -> bool:
    return bool(described.inputs.slots) or described.plan.body is not None


def _operation(method: str, described: Outline, schemas: Schemas, taken_ids: set[str]) -> dict[str, Any]:
    plan = described.plan
    operation = {**metadata(plan, taken_ids), **_request(method, described, schemas)}
    if described.callbacks:
        operation["callbacks"] = {
            each.plan.name: {each.plan.path: path_item(each, schemas, taken_ids)} for each in described.callbacks
        }
    operation["responses"] = responses(plan.result, schemas, refuses_input=_refuses_input(described))
    return merged(operation, plan.openapi_extra) if plan.openapi_extra else operation


def metadata(plan: Plan, taken_ids: set[str]) -> dict[str, Any]:
    """Return what the route says of itself."""
    said = {
        "tags": plan.tags or None,
        "summary": summary(plan),
        "description": plan.description or None,
        "operationId": claim_operation_id(plan, taken_ids),
        "deprecated": plan.deprecated or None,
    }
    return {key: value for key, value in said.items() if value is not None}


def _request(method: str, described: Outline, schemas: Schemas) -> dict[str, Any]:
    """Return what a request must carry."""
    body = described.plan.body
    carried: dict[str, Any] = {
        "security": security_requirements(described.inputs.schemes),
        "parameters": parameters(described.inputs, schemas),
        "requestBody": request_body(body.field, schemas) if body is not None and method in METHODS_WITH_BODY else None,
    }
    return {key: value for key, value in carried.items() if value}
