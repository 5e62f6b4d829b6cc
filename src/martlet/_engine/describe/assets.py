"""What the docs pages are made of, where it was packed into this copy of Martlet: its addresses, and serving it.

`scripts/assets` packs it, compressed, under names that have the hash of their content; so the address of a file says
what it is, and browsers keep it for ever. It is served at the page's own path, by a query: whatever lets the page
through (a middleware, a proxy) lets through what it is made of, and an app has no routes that it did not declare.

A copy without it, such as a checkout on a machine without npm, has addresses at a CDN instead, and says so once.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from martlet.logger import logger

DIRECTORY: Path = Path(__file__).parents[2] / "_assets"
"""Where it was packed."""

QUERY: Final = "asset"
"""The parameter of a page's address that names a file of it."""

CDN: Final = "https://cdn.jsdelivr.net"
"""Whence the pages load what was not packed."""

_ON_CDN: Final[Mapping[str, str]] = {
    "swagger.js": f"{CDN}/npm/swagger-ui-dist@5/swagger-ui-bundle.js",
    "swagger.css": f"{CDN}/npm/swagger-ui-dist@5/swagger-ui.css",
    "redoc.js": f"{CDN}/npm/redoc@2/bundles/redoc.standalone.js",
    "scalar.js": f"{CDN}/npm/@scalar/api-reference@1",
}
_SUFFIXES: Final = {"br": ".br", "gzip": ".gz"}
# "private": a cache that many share might keep files of a query by their path alone, and hand them out as the page.
_CACHED: Final = "private, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of a page.

    Args:
        name: what the query says, with the hash of the content: `redoc@2.5.4/redoc.standalone.0123456789abcdef.js`.
        type: its media type.
    """

    name: str
    type: str


@cache
def packed(directory: Path) -> Mapping[str, Asset]:
    """Return what was packed, by what it is to a page (`swagger.js`); say so if that is nothing."""
    try:
        index = json.loads((directory / "index.json").read_bytes())
    except OSError:  # not there, or not a directory: a copy that was packed into one file
        logger.warning(
            "The docs pages load Swagger UI, ReDoc and Scalar from %s: this copy of Martlet was built without them. "
            "In a checkout `scripts/assets` packs them, with npm and a network.",
            CDN,
        )
        return {}
    return {role: Asset(**entry) for role, entry in index["files"].items()}


def address(role: str, page: str) -> str:
    """Return where a page finds a file.

    Args:
        role: what it is to the page: `swagger.js`, `swagger.css`, `redoc.js`, `scalar.js`.
        page: the path of the page, as the browser sees it.
    """
    asset = packed(DIRECTORY).get(role)
    return _ON_CDN[role] if asset is None else f"{page}?{QUERY}={asset.name}"


def coding_of(accepted: str) -> str:
    """Return how to compress for a client: the best of what its Accept-Encoding lets (RFC 9110, section 12.5.3)."""
    weights = {}
    for each in accepted.split(","):
        coding, *parameters = (part.strip().lower() for part in each.split(";"))
        weights[coding] = not any(parameter.startswith("q=") and _is_zero(parameter[2:]) for parameter in parameters)
    return next((coding for coding in _SUFFIXES if weights.get(coding, weights.get("*"))), "")


def _is_zero(weight: str) -> bool:
    return weight.strip("0") in {"", "."}


async def serve_asset(request: Request) -> Response:
    """Answer a request for a file of a page.

    Raises:
        HTTPException: 404, there is no file of that name, say as it is one of an older version.
    """
    name = request.query_params[QUERY]
    asset = next((asset for asset in packed(DIRECTORY).values() if asset.name == name), None)
    if asset is None:
        raise HTTPException(404)
    coding = coding_of(request.headers.get("accept-encoding", ""))
    etag = f'"{asset.name}{_SUFFIXES.get(coding, "")}"'
    headers = {
        "cache-control": _CACHED,
        "etag": etag,
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if coding:
        headers["content-encoding"] = coding
        return FileResponse(DIRECTORY / (name + _SUFFIXES[coding]), media_type=asset.type, headers=headers)
    return Response(await to_thread.run_sync(_whole, name), media_type=asset.type, headers=headers)


def _whole(name: str) -> bytes:
    return gzip.decompress((DIRECTORY / (name + _SUFFIXES["gzip"])).read_bytes())
