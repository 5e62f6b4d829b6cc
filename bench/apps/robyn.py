"""Robyn's program, as its documentation writes these; run as `python -m bench.apps.robyn WORKLOAD PORT`."""

import sys
from typing import Any

from pydantic import TypeAdapter
from robyn import Request, Response, Robyn

from bench.apps.shared import ITEMS, ROUTES, Item, Order

LIST = TypeAdapter(list[Item])
JSON = {"content-type": "application/json"}


def _written(content: bytes) -> Any:
    return Response(status_code=200, headers=JSON, description=content.decode())


def program(workload: str) -> Robyn:
    """Return the app with the routes of one workload."""
    app = Robyn(__file__)
    if workload == "json":

        @app.get("/json")
        async def hello(request: Request) -> Any:
            return {"message": "hello"}

    elif workload == "items":

        @app.get("/items/:item_id")
        async def read_item(request: Request) -> Any:
            query, item_id = request.query_params, int(request.path_params["item_id"])
            limit = int(query.get("limit", "10"))
            item = Item(id=item_id, name=query.get("q", None), price=limit + 0.5, tags=["new"])
            return _written(item.model_dump_json().encode())

    elif workload == "orders":

        @app.post("/orders")
        async def create_order(request: Request) -> Any:
            return _written(Order.model_validate_json(request.body).model_dump_json().encode())

    elif workload == "list":

        @app.get("/list")
        async def read_items(request: Request) -> Any:
            return _written(LIST.dump_json(ITEMS))

    else:

        async def read_one(request: Request) -> Any:
            return {"id": int(request.path_params["item_id"])}

        for number in range(ROUTES):
            app.get(f"/kind{number}/:item_id")(read_one)
    return app


if __name__ == "__main__":
    program(sys.argv[1]).start(host="127.0.0.1", port=int(sys.argv[2]))
