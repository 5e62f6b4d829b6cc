"""fastapi-versionizer: an app for each version, made of the routes of one."""

from fastapi import FastAPI
from fastapi.testclient import TestClient
from fastapi_versionizer.versionizer import Versionizer, api_version


def test_each_version_has_the_routes_that_it_got() -> None:
    app = FastAPI(title="shop")

    @app.get("/status")
    def status() -> str:
        return "ok"

    @api_version(1)
    @app.get("/books", deprecated=True)
    def titles() -> list[str]:
        return ["Emma"]

    @api_version(2)
    @app.get("/books")
    async def numbered() -> dict[int, str]:
        return {1: "Emma"}

    versions = Versionizer(
        app=app, prefix_format="/v{major}", semantic_version_format="{major}", latest_prefix="/latest", sort_routes=True
    ).versionize()
    assert versions == [(1, 0), (2, 0)]
    client = TestClient(app)
    assert client.get("/v1/books").json() == ["Emma"]
    assert client.get("/v2/books").json() == client.get("/latest/books").json() == {"1": "Emma"}
    assert client.get("/v2/status").json() == "ok"
    document = client.get("/v1/openapi.json").json()
    assert document["paths"]["/v1/books"]["get"]["deprecated"] is True
    assert client.get("/v2/docs").status_code == 200
