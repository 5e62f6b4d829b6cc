"""Operations that the app calls itself."""

from typing import Annotated

from pydantic import BaseModel, HttpUrl

from martlet import APIRouter, Depends, FastAPI, Header
from martlet.responses import JSONResponse
from martlet.security import APIKeyHeader
from tests.engine.describe.apps.models import Address, Nested, Person

app = FastAPI()
calls = APIRouter(default_response_class=JSONResponse)


class Event(BaseModel):
    description: str
    paid: bool


class Received(BaseModel):
    ok: bool


@calls.post("{$callback_url}/invoices/{$request.body.id}", response_model=Received, responses={404: {"model": Address}})
def notify(body: Event, token: Annotated[str, Header()]) -> None: ...


@calls.get("{$callback_url}/hidden", include_in_schema=False)
def hidden() -> None: ...


@app.post("/invoices/", callbacks=calls.routes)
def create(person: Person, callback_url: HttpUrl | None = None) -> None: ...


@app.webhooks.post("new-subscription", tags=["hook"])
def hook(body: Address, x: Annotated[str, Depends(APIKeyHeader(name="X-Key"))]) -> Nested:
    """Sent when someone subscribes."""
    raise NotImplementedError


@app.webhooks.get("new-subscription")
def hook_get() -> None: ...
