"""Every module of genuine FastAPI beside Martlet's: packages import from them what they merely import themselves.

What is left out on purpose is listed below, by its reason; a name that FastAPI adds fails this test until it is given
or listed. Names of the standard library and of typing are not asked for: nobody takes them from there.
"""

import pkgutil
import sys
import typing
from importlib import import_module
from types import ModuleType
from typing import Any

import fastapi
import pytest

# What FastAPI's own code does its work with, where Martlet does it otherwise: there is nothing that they could be.
MACHINERY = {
    "_body_limit": "AppBodyLimitMiddleware _BodyLimitExceptionMiddleware _body_limit_errors _response_sent",
    "_compat.shared": "_annotation_is_complex _annotation_is_sequence",
    "_compat.v2": (
        "_Attrs _GenerateJsonSchema _annotation_has_computed_fields _has_computed_fields _pydantic_typing_extra"
        " _regenerate_error_with_loc asdict get_flat_models_from_annotation get_flat_models_from_field"
        " get_flat_models_from_model normalize_name"
    ),
    "_form_limits": "_form_limits_adapter",
    "background": "_operation",
    "concurrency": (
        "_asynccontextmanager_with_shielded_exit _contextmanager_with_concurrency_limit _dependency_semaphores"
    ),
    "dependencies.models": "_CALLABLE_CLASSIFICATION_CACHE_SIZE _UsesScopesCache",
    "dependencies.utils": (
        "ParamDetails _STREAM_ORIGINS _UsesScopesCache _add_form_union_validators _apply_form_body_schema"
        " _asynccontextmanager_with_shielded_exit _contextmanager_with_concurrency_limit"
        " _extract_form_model _get_flat_fields_from_params _get_form_model _get_form_model_schema"
        " _get_form_union_models _get_model_type _get_multidict_extras"
        " _get_param_model _get_signature _is_empty_file_input"
        " _is_json_field _request_param_model_to_args _solve_generator"
        " _validate_value_with_model_field add_non_field_param_to_dependency add_param_to_fields"
        " analyze_param is_typealiastype"
    ),
    "openapi.docs": "_html_safe_json",
    "openapi.utils": (
        "_OpenAPIDependencyData _SSE_EVENT_SCHEMA _UsesScopesCache _get_api_route_for_openapi"
        " _get_flat_fields_from_params _get_openapi_dependency_data _get_openapi_operation_parameters"
        " _get_openapi_security_definitions _get_param_aliases _get_param_model"
    ),
    "routing": (
        "_APIRouteLike _AsyncLiftContextManager"
        " _FASTAPI_EFFECTIVE_ROUTE_CONTEXT_KEY _FASTAPI_FORM_LIMITS_KEY _FASTAPI_FRONTEND_PATH_KEY"
        " _FASTAPI_FRONTEND_SPECIFICITY_KEY _FASTAPI_INCLUDED_ROUTER_KEY _FASTAPI_SCOPE_KEY _FrontendRoute"
        " _FrontendRouteGroup _FrontendStaticFiles _RouteWithPath _RouterIncludeContext _SCOPE_MISSING"
        " _apply_router_form_limits _build_dependant_with_parameterless_dependencies _build_response_args"
        " _endpoint_context_cache _extract_endpoint_context _frontend_dependency_endpoint _frontend_path_specificity"
        " _frontend_scope_specificity _get_fastapi_scope _get_resolved_absolute_path"
        " _get_scope_included_router _is_frontend_navigation_request"
        " _iter_accept_media_types _join_frontend_paths _merge_lifespan_context"
        " _normalize_frontend_path _normalize_non_finite_floats _populate_api_route_state _resolve_form_limits"
        " _resolve_frontend_check_dir _run_sync_endpoint _update_scope _wrap_gen_lifespan_context"
    ),
    "sse": "_check_event_single_line _check_id_valid _check_single_line _split_sse_lines",
    "telemetry._api": "_DEFERRED_PROVIDERS _HTTP_METHODS _NO_OPERATION _run_sync_endpoint _traced_operation",
    "telemetry._asgi": (
        "_DURATION_BUCKETS _HEADERS_GETTER _HTTP_METHODS _HeadersGetter _SENSITIVE_QUERY_PARAMETERS _exception"
        " _legacy_otel"
    ),
    "utils": "_invalid_args_message",
}
# Borrowed from Starlette, anyio, pydantic, OpenTelemetry and optional packages by modules that nobody asks for it.
FOREIGN = {
    "_body_limit": (
        "ASGIApp HTTPException MAX_BODY_SIZE_SCOPE_KEY Message Receive Request RequestBodyLimitMiddleware Scope Send"
        " body_limit http_exception_handler"
    ),
    "_form_limits": "ConfigDict NonNegativeInt TypeAdapter with_config",
    "concurrency": "RunVar Semaphore anyio checkpoint_if_cancelled",
    "dependencies.utils": "CancelScope CoreSchema GetJsonSchemaHandler GetPydanticSchema Tag",
    "encoders": "Color PyExtraColor is_pydantic_v1_model_instance",
    "openapi.docs": "jsonable_encoder",
    "openapi.models": "GetJsonSchemaHandler email_validator with_info_plain_validator_function",
    "responses": "orjson ujson",
    "routing": "ObjectReceiveStream anyio",
    "telemetry._api": "LoggerProvider MeterProvider TracerProvider",
    "telemetry._asgi": "SeverityNumber TelemetryConfig _unconfigured",
    "telemetry._runtime": "TelemetryConfig _logs _unconfigured metrics trace",
    "utils": "fastapi",
}
# Variables and protocols that only annotations use.
TYPING = {
    "_compat.shared": "WithArgsTypes _T",
    "_compat.v2": "TypeModelOrEnum TypeModelSet",
    "openapi.models": "typing_deprecated",
    "applications": "AppType",
    "responses": "_OrjsonModule _UjsonModule",
    "routing": "AppType _T",
}
LEFT_OUT = (MACHINERY, FOREIGN, TYPING)

MODULES = [
    "",
    *(
        each.name.removeprefix("fastapi.")
        for each in pkgutil.walk_packages(fastapi.__path__, "fastapi.")
        if not each.name.endswith("__main__")  # that one runs the command line
    ),
]


def is_of_python(name: str, value: Any) -> bool:
    """Return whether a name is one of the standard library, `typing_extensions` or `annotated_doc`."""
    if isinstance(value, ModuleType):
        return value.__name__.partition(".")[0] in sys.stdlib_module_names
    if getattr(typing, name, None) is value:
        return True
    home = getattr(value, "__module__", None) or ""
    if home.partition(".")[0] not in {*sys.stdlib_module_names, "typing_extensions", "annotated_doc"}:
        return False
    return getattr(sys.modules.get(home), name, None) is value or home in {"types", "typing"} or name.isupper()


def is_compared_itself(value: Any) -> bool:
    """Return whether a value is one of `MODULES`: a package has it once anybody has imported it."""
    return isinstance(value, ModuleType) and value.__name__.removeprefix("fastapi.") in MODULES


def left_out(module: str) -> set[str]:
    return {name for table in LEFT_OUT for name in table.get(module, "").split()}


@pytest.mark.filterwarnings("ignore:starlette.middleware.wsgi")
@pytest.mark.parametrize("module", MODULES)
def test_what_a_module_of_fastapi_has_ours_has_too(module: str) -> None:
    genuine = import_module(f"fastapi.{module}".rstrip("."))
    ours = import_module(f"martlet.{module}".rstrip("."))
    names = {
        name
        for name, value in vars(genuine).items()
        if not (name.startswith("__") or is_of_python(name, value) or is_compared_itself(value))
    }
    assert {name for name in names if not hasattr(ours, name)} - left_out(module) == set()


@pytest.mark.filterwarnings("ignore:starlette.middleware.wsgi")
@pytest.mark.parametrize("module", sorted({name for table in LEFT_OUT for name in table}))
def test_what_is_listed_as_left_out_is_left_out(module: str) -> None:
    genuine, ours = import_module(f"fastapi.{module}"), import_module(f"martlet.{module}")
    listed = left_out(module)
    assert {name for name in listed if not hasattr(genuine, name)} == set()
    assert {name for name in listed if hasattr(ours, name)} == set()


def test_what_fastapi_borrowed_is_the_same_object_here() -> None:
    import fastapi.dependencies.utils as their_utils
    import fastapi.routing as their_routing

    import martlet.dependencies.utils
    import martlet.routing

    for genuine, ours in ((their_routing, martlet.routing), (their_utils, martlet.dependencies.utils)):
        for name, value in vars(genuine).items():
            home = str(getattr(value, "__module__", ""))
            if home.partition(".")[0] in {"starlette", "pydantic", "pydantic_core"} and hasattr(ours, name):
                assert getattr(ours, name) is value, name


def test_lent_names_are_looked_up_once_and_others_not_at_all() -> None:
    import martlet.openapi.models
    import martlet.params

    martlet.params.__dict__.pop("Example", None)
    assert martlet.params.Example is martlet.openapi.models.Example  # type: ignore[attr-defined]  # lent, not declared
    assert vars(martlet.params)["Example"] is martlet.openapi.models.Example
    with pytest.raises(AttributeError, match="has no attribute 'Flask'"):
        _ = martlet.params.Flask  # type: ignore[attr-defined]  # that is the test


def test_the_innermost_limit_counts() -> None:
    from martlet._body_limit import get_body_size_limit

    assert [get_body_size_limit(), get_body_size_limit(None, 0, 5), get_body_size_limit(None)] == [None, 0, None]
