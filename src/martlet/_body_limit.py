"""The limit on bodies, under the names of FastAPI's private module."""

from martlet._engine.run.limits import check_max_body_size as validate_max_body_size
from martlet._engine.run.limits import limit_error as get_body_limit_error
from martlet._engine.run.limits import with_body_limit as wrap_app_with_body_limit

__all__ = ["get_body_limit_error", "get_body_size_limit", "validate_max_body_size", "wrap_app_with_body_limit"]


def get_body_size_limit(*limits: int | None) -> int | None:
    """Return the first of the limits that is one: they are given from the inside out."""
    return next((limit for limit in limits if limit is not None), None)
