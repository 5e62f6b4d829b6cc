"""strawberry-graphql: its GraphQLRouter included like any other, with dependencies in the context."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest
import strawberry
from fastapi import Depends, FastAPI, Header
from fastapi.testclient import TestClient
from strawberry.fastapi import BaseContext, GraphQLRouter

closed: list[str] = []


async def connection() -> AsyncIterator[str]:
    yield "connected"
    closed.append("connection")


class Context(BaseContext):
    def __init__(self, user: str, held: str) -> None:
        super().__init__()
        self.user, self.held = user, held


async def make_context(
    held: Annotated[str, Depends(connection)], x_user: Annotated[str, Header()] = "nobody"
) -> Context:
    return Context(x_user, held)


Info = strawberry.Info[Context, None]


@strawberry.type
class Book:
    title: str
    year: int


@strawberry.type
class Query:
    @strawberry.field
    async def books(self, info: Info, since: int = 0) -> list[Book]:
        return [
            book for book in (Book(title="Emma", year=1815), Book(title="Ulysses", year=1922)) if book.year >= since
        ]

    @strawberry.field
    def me(self, info: Info) -> str:
        return f"{info.context.user}, {info.context.held}"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def note(self, info: Info, text: str) -> int:
        assert info.context.background_tasks is not None
        assert info.context.response is not None
        info.context.response.headers["x-noted"] = text
        info.context.background_tasks.add_task(closed.append, f"noted {text}")
        return len(text)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(to):
            yield number


@pytest.fixture
def client() -> Iterator[TestClient]:
    closed.clear()
    app = FastAPI()
    schema = strawberry.Schema(Query, Mutation, Subscription)
    router: GraphQLRouter[Context, None] = GraphQLRouter(schema, context_getter=make_context)
    app.include_router(router, prefix="/graphql", tags=["graph"])
    with TestClient(app) as client:
        yield client


def ask(client: TestClient, query: str, **variables: Any) -> Any:
    answer = client.post("/graphql", json={"query": query, "variables": variables}, headers={"x-user": "ada"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_query(client: TestClient) -> None:
    data = ask(client, "query ($since: Int!) { books(since: $since) { title } me }", since=1900)
    assert data == {"data": {"books": [{"title": "Ulysses"}], "me": "ada, connected"}}
    assert closed == ["connection"]


def test_a_mutation_writes_headers_and_adds_tasks(client: TestClient) -> None:
    answer = client.post("/graphql", json={"query": 'mutation { note(text: "hi") }'})
    assert answer.json() == {"data": {"note": 2}}
    assert answer.headers["x-noted"] == "hi"
    assert "noted hi" in closed


def test_errors_are_in_the_answer(client: TestClient) -> None:
    assert "Cannot query field" in ask(client, "{ nothing }")["errors"][0]["message"]
    assert client.post("/graphql", content=b"{").status_code == 400


def test_the_page_for_browsers_and_the_document(client: TestClient) -> None:
    page = client.get("/graphql", headers={"accept": "text/html"})
    assert "GraphiQL" in page.text
    operations = client.get("/openapi.json").json()["paths"]["/graphql"]
    assert set(operations) == {"get", "post"}
    assert operations["post"]["tags"] == ["graph"]


def test_a_subscription_over_a_websocket(client: TestClient) -> None:
    with client.websocket_connect("/graphql", subprotocols=["graphql-transport-ws"]) as socket:
        socket.send_json({"type": "connection_init"})
        assert socket.receive_json()["type"] == "connection_ack"
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": "subscription { count(to: 2) }"}})
        got = [socket.receive_json() for _ in range(3)]
    assert [message.get("payload", {}).get("data") for message in got[:2]] == [{"count": 0}, {"count": 1}]
    assert got[2]["type"] == "complete"
