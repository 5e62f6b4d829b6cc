"""Telemetry is a set of Steps: they are in a handler's text while telemetry is on, and not before."""

from textwrap import dedent
from typing import Annotated

from pydantic import BaseModel

from martlet import Depends, FastAPI
from martlet.testclient import TestClient
from tests.telemetry.recording import Recording


class Item(BaseModel):
    name: str


async def shop(q: str = "main") -> str:
    return q


def update(item_id: int, item: Item, shop: Annotated[str, Depends(shop)]) -> Item:
    return item


WATCHED = """
    async def handle_update(scope, receive, send, path):
        watch = watch_of(scope)
        watch.select(template)
        body = None
        try:
            publish_route(scope, router, route, update, path)
            request = Request(scope, receive, send)
            watch.begin(update, request)
            body = await body_of(request)
            if not (body and is_json(content_type(scope["headers"]))):
                return await careful(scope, receive, send, path, body)
            watch.read_text(body)
            carried = {"path": path, "query": query_values(scope["query_string"])}
            try:
                values = validate_values(carried)
                body_value = validate_body(body)
            except ValidationError:
                return await careful(scope, receive, send, path, body)
            with watch:
                watch.enter("dependencies")
                d0 = await shop(q=values["d0.q"])
                arguments = dict(item_id=values["item_id"], item=body_value, shop=d0)
                watch.solved(arguments, [])
                watch.leave()
                result = await in_thread(watch.call, update, arguments)
                if isinstance(result, Response):
                    return await send_response(result, scope, receive, send)
                watch.enter("serialization")
                if type(result) is not Item:
                    try:
                        result = validate_result(result, from_attributes=True)
                    except ValidationError as refusal:
                        raise refused(refusal, result, scope) from None
                content = to_json(result)
        except Exception as error:
            return await fail(error, scope, receive, send, path, body)
        headers = [(b"content-length", b"%d" % len(content)), JSON_TYPE]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})
"""


def test_a_handler_tells_what_it_does_once_somebody_watches(recording: Recording) -> None:
    app = FastAPI(telemetry=recording.config)
    app.post("/items/{item_id}")(update)
    before = app.explain("/items/{item_id}", "POST")
    assert "watch" not in before.source
    assert TestClient(app).post("/items/1", json={"name": "pen"}).json() == {"name": "pen"}
    after = app.explain("/items/{item_id}", "POST")
    assert after.source == dedent(WATCHED).lstrip()
    assert after.steps[0] == "have telemetry watch what follows, part by part"
    # Who watches is told of the writing by itself, so the thread of the endpoint does not do it as well.
    assert before.steps[-2:] == ("write JSON straight, in the same thread", "send")
    rest = (*before.steps[:-2], "write JSON straight", "send")
    assert after.steps[1:] == ("name the route in the scope", "open the Request", *rest)


def test_an_app_that_was_served_before_is_compiled_again(recording: Recording) -> None:
    first, second = FastAPI(), FastAPI(telemetry=recording.config)
    for app in (first, second):
        app.post("/items/{item_id}")(update)
    assert TestClient(first).post("/items/1", json={"name": "pen"}).status_code == 200
    assert "watch" not in first.explain("/items/{item_id}", "POST").source
    assert TestClient(second).post("/items/1", json={"name": "pen"}).status_code == 200
    assert first.explain("/items/{item_id}", "POST").source == dedent(WATCHED).lstrip()
    assert TestClient(first).post("/items/1", json={"name": "pen"}).status_code == 200
    assert len(recording.names) == 4
