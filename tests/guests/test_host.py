"""That the guests are Martlet's guests: whatever they import from `fastapi` is Martlet's."""

import fastapi
import fastapi.routing
import pytest

from tests.guests.conftest import GENUINE

pytestmark = pytest.mark.skipif(GENUINE, reason="asked to run on genuine FastAPI")


def test_fastapi_is_martlet() -> None:
    import martlet.routing

    assert vars(fastapi.applications)["FastAPI"] is martlet.FastAPI
    assert fastapi.routing is martlet.routing
    assert fastapi.FastAPI.__module__.startswith("martlet.")


def test_the_guests_hold_martlet_s_classes() -> None:
    from fastapi_pagination import api
    from strawberry.fastapi import GraphQLRouter

    assert vars(api)["FastAPI"] is fastapi.FastAPI
    assert issubclass(GraphQLRouter, fastapi.APIRouter)
