"""The OpenAPI document of routes: FastAPI's `openapi.utils` under its own names.

`get_openapi` is what `app.openapi()` calls, and what apps call that change the document before it is served. The other
functions make parts of it for packages that put a document together themselves; `_engine.describe` does the work.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from starlette.responses import JSONResponse as JSONResponse
from starlette.responses import Response as Response
from starlette.routing import BaseRoute

from martlet._engine.declare.contexts import RouteContext
from martlet._engine.declare.flatten import flat_routes
from martlet._engine.declare.route import APIRoute
from martlet._engine.describe.answers import STATUS_CODE_RANGES
from martlet._engine.describe.document import HTTP_VALIDATION_ERROR, VALIDATION_ERROR, Info, describe
from martlet._engine.describe.names import operation_id_for_method
from martlet._engine.describe.names import summary as summary_of
from martlet._engine.describe.operation import metadata, outline, path_item, refers_to_validation_error, slots_of
from martlet._engine.describe.parameters import request_body
from martlet._engine.describe.schemas import JsonSchema, Schemas
from martlet._engine.describe.security import security_schemes
from martlet._engine.read.plan import Plan
from martlet._engine.read.slot import Mode, Slot
from martlet._engine.words.errors import FastAPIDeprecationWarning
from martlet._engine.words.lending import lend
from martlet.encoders import jsonable_encoder as jsonable_encoder
from martlet.openapi.constants import METHODS_WITH_BODY as METHODS_WITH_BODY
from martlet.openapi.constants import REF_PREFIX as REF_PREFIX

FieldMapping: TypeAlias = Mapping[tuple[Slot, Mode], JsonSchema]
"""The schema of each slot, as `martlet._compat.get_definitions` returns it."""

# All three may be changed in place, and the first two replaced: the documents that are made afterwards follow.
validation_error_definition = VALIDATION_ERROR
validation_error_response_definition = HTTP_VALIDATION_ERROR
status_code_ranges = STATUS_CODE_RANGES


Planned: TypeAlias = APIRoute | RouteContext
"""A route that the document shows."""


def get_openapi(
    *,
    title: str,
    version: str,
    openapi_version: str = "3.1.0",
    summary: str | None = None,
    description: str | None = None,
    routes: Sequence[BaseRoute | RouteContext],
    webhooks: Sequence[BaseRoute | RouteContext] | None = None,
    tags: list[dict[str, Any]] | None = None,
    servers: list[dict[str, str | Any]] | None = None,
    terms_of_service: str | None = None,
    contact: dict[str, str | Any] | None = None,
    license_info: dict[str, str | Any] | None = None,
    separate_input_output_schemas: bool = True,
    external_docs: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the OpenAPI document of some routes.

    Args:
        title: the name of the API.
        version: the API's own version.
        openapi_version: the version of the specification that the document claims to follow.
        summary: one line on the API.
        description: what the API is for, in Markdown.
        routes: the routes, those of included routers among them; what is no path operation is left out.
        webhooks: operations that the app calls and its clients serve.
        tags: name, description and externalDocs of tags, in the order in which pages show them.
        servers: url, description and variables of where the API is served.
        terms_of_service: the address of the terms of service.
        contact: name, url and email of who answers for the API.
        license_info: name and either identifier or url of the licence.
        separate_input_output_schemas: whether a model that is read and written differently has two schemas.
        external_docs: description and url of further documentation.

    Raises:
        InvalidStatusError: a key of some `responses` is no status.
        pydantic.ValidationError: something that was written by hand is no OpenAPI.
    """
    info = Info(
        title=title,
        version=version,
        openapi_version=openapi_version,
        summary=summary,
        description=description,
        terms_of_service=terms_of_service,
        contact=contact,
        license_info=license_info,
        tags=tags,
        servers=servers,
        external_docs=external_docs,
        separate_input_output_schemas=separate_input_output_schemas,
        error_schemas=_error_schemas(),
    )
    return describe(info, _plans(routes), _plans(webhooks or ()))


def get_fields_from_routes(routes: Sequence[BaseRoute | RouteContext]) -> list[Slot]:
    """Return the fields that the document of some routes shows: bodies, answers and parameters."""
    return list(slots_of(map(outline, _plans(routes))))


def get_openapi_path(
    *,
    route: Planned,
    operation_ids: set[str],
    model_name_map: Mapping[Any, str],  # noqa: ARG001 - the schemas are named already
    field_mapping: FieldMapping,
    separate_input_output_schemas: bool = True,  # noqa: ARG001 - likewise
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return a route's operations by method, the security schemes and the definitions that they need.

    Args:
        route: the route.
        operation_ids: the ids that are taken; those of the route are added.
        model_name_map: accepted as FastAPI accepts it; not needed.
        field_mapping: the schemas of the route's fields.
        separate_input_output_schemas: accepted as FastAPI accepts it; not needed.
    """
    described = outline(route.plan)
    item = path_item(described, _schemas(field_mapping), operation_ids)
    schemes = security_schemes(described.inputs.schemes) if item else {}
    return item, schemes, _error_schemas() if refers_to_validation_error(described) else {}


def get_openapi_operation_metadata(*, route: Planned, method: str, operation_ids: set[str]) -> dict[str, Any]:  # noqa: ARG001
    """Return what a route says of itself: tags, summary, description, id and whether it is deprecated."""
    return metadata(route.plan, operation_ids)


def get_openapi_operation_request_body(
    *,
    body_field: Slot | None,
    model_name_map: Mapping[Any, str],  # noqa: ARG001 - the schemas are named already
    field_mapping: FieldMapping,
    separate_input_output_schemas: bool = True,  # noqa: ARG001 - likewise
) -> dict[str, Any] | None:
    """Return the `requestBody` that a field describes; None where nothing is read from the body."""
    return None if body_field is None else request_body(body_field, _schemas(field_mapping))


def generate_operation_summary(*, route: Planned, method: str) -> str:  # noqa: ARG001 - FastAPI's signature
    """Return a route's summary, made from its name where it has none."""
    return summary_of(route.plan)


def generate_operation_id(*, route: Planned, method: str) -> str:
    """Return an operation id as older versions of FastAPI made them.

    Warns:
        FastAPIDeprecationWarning: always. The id in force is `route.unique_id`.
    """
    warnings.warn(
        "fastapi.openapi.utils.generate_operation_id() was deprecated, "
        "it is not used internally, and will be removed soon",
        FastAPIDeprecationWarning,
        stacklevel=2,
    )
    return operation_id_for_method(route.plan, method)


def _plans(routes: Iterable[Any]) -> list[Plan]:
    plans = (getattr(route, "plan", None) for route in flat_routes(routes))
    return [plan for plan in plans if isinstance(plan, Plan)]


def _schemas(field_mapping: FieldMapping) -> Schemas:
    return Schemas({slot: schema for (slot, _), schema in field_mapping.items()}, {})


def _error_schemas() -> dict[str, JsonSchema]:
    return {
        "ValidationError": validation_error_definition,
        "HTTPValidationError": validation_error_response_definition,
    }


lend(
    __name__,
    {
        "DefaultPlaceholder": "martlet.datastructures:",
        "Dependant": "martlet.dependencies.models:",
        "_get_cache_key": "martlet.dependencies.models:",
        "_get_oauth_scopes": "martlet.dependencies.models:",
        "_get_security_scheme": "martlet.dependencies.models:",
        "_is_security_scheme": "martlet.dependencies.models:",
        "get_flat_params": "martlet.dependencies.utils:",
        "Body": "martlet.params:",
        "ParamTypes": "martlet.params:",
        "DependencyCacheKey": "martlet.types:",
        "ModelNameMap": "martlet.types:",
        "deep_dict_update": "martlet.utils:",
        "generate_operation_id_for_path": "martlet.utils:",
        "is_body_allowed_for_status_code": "martlet.utils:",
        "ModelField": "martlet._engine.read.slot:Slot",
        "_Unset": "martlet.datastructures:",
        "lenient_issubclass": "martlet._engine.read.annotations:is_subclass",
        "routing": "martlet.routing",
        "OpenAPI": "martlet.openapi.models:",
        "get_definitions": "martlet._compat:",
        "get_flat_models_from_fields": "martlet._compat:",
        "get_model_name_map": "martlet._compat:",
        "get_schema_from_model_field": "martlet._compat:",
    },
)
