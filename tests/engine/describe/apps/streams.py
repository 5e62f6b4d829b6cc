"""JSON Lines and server-sent events."""

from collections.abc import AsyncIterator, Iterator

from martlet import FastAPI
from martlet.responses import StreamingResponse
from martlet.sse import EventSourceResponse, ServerSentEvent
from tests.engine.describe.apps.models import Address, Person

app = FastAPI()


@app.get("/lines")
async def lines() -> AsyncIterator[Person]:
    yield Person(name="Ada", address=Address(street="Here"))


@app.get("/untyped-lines")
async def untyped_lines():  # type: ignore[no-untyped-def]  # the case under test
    yield 1


@app.get("/sync-lines", status_code=202)
def sync_lines(q: int) -> Iterator[dict[str, int]]:
    yield {}


@app.get("/events", response_class=EventSourceResponse)
async def events() -> AsyncIterator[Person]:
    yield Person(name="Ada", address=Address(street="Here"))


@app.get("/untyped-events", response_class=EventSourceResponse)
async def untyped_events():  # type: ignore[no-untyped-def]  # the case under test
    yield 1


@app.post("/own-events", response_class=EventSourceResponse)
async def own_events(address: Address) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(data=1)


@app.get("/raw", response_class=StreamingResponse)
async def raw() -> AsyncIterator[str]:
    yield ""
