"""The answers that an endpoint may build itself.

All but the last two are Starlette's, or come from `martlet.sse`. Those two are deprecated in FastAPI, and so here: they
are slower than returning a typed value, which pydantic writes as JSON at once.
"""

from typing import Any

from starlette.responses import FileResponse as FileResponse
from starlette.responses import HTMLResponse as HTMLResponse
from starlette.responses import JSONResponse as JSONResponse
from starlette.responses import PlainTextResponse as PlainTextResponse
from starlette.responses import RedirectResponse as RedirectResponse
from starlette.responses import Response as Response
from starlette.responses import StreamingResponse as StreamingResponse
from typing_extensions import deprecated

from martlet._engine.words.errors import FastAPIDeprecationWarning, MissingPackageError
from martlet.sse import EventSourceResponse as EventSourceResponse


@deprecated(
    "UJSONResponse is deprecated. Return a value and declare its type, and it is written as JSON directly and faster; "
    "for any other JSON there is JSONResponse.",
    category=FastAPIDeprecationWarning,
    stacklevel=2,
)
class UJSONResponse(JSONResponse):
    """Write the content as JSON with the package `ujson`."""

    def render(self, content: Any) -> bytes:
        """Return the content as UTF-8 JSON.

        Raises:
            MissingPackageError: `ujson` is not installed.
        """
        try:
            import ujson  # noqa: PLC0415 - few have it
        except ImportError as error:
            raise MissingPackageError("ujson must be installed to use UJSONResponse: pip install ujson") from error
        return ujson.dumps(content, ensure_ascii=False).encode()


@deprecated(
    "ORJSONResponse is deprecated. Return a value and declare its type, and it is written as JSON directly and faster; "
    "for any other JSON there is JSONResponse.",
    category=FastAPIDeprecationWarning,
    stacklevel=2,
)
class ORJSONResponse(JSONResponse):
    """Write the content as JSON with the package `orjson`; keys may be numbers and dates, values of numpy too."""

    def render(self, content: Any) -> bytes:
        """Return the content as UTF-8 JSON.

        Raises:
            MissingPackageError: `orjson` is not installed.
        """
        try:
            import orjson  # noqa: PLC0415 - few need it
        except ImportError as error:
            raise MissingPackageError("orjson must be installed to use ORJSONResponse: pip install orjson") from error
        return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY)
