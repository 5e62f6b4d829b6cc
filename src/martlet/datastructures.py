"""The values that requests are made of, and the mark of a default.

All but `UploadFile` are Starlette's. `UploadFile` adds what pydantic must know to take one as a field's type.
"""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from pydantic import GetJsonSchemaHandler
from pydantic_core.core_schema import with_info_plain_validator_function
from starlette.datastructures import URL as URL
from starlette.datastructures import Address as Address
from starlette.datastructures import FormData as FormData
from starlette.datastructures import Headers as Headers
from starlette.datastructures import QueryParams as QueryParams
from starlette.datastructures import State as State
from starlette.datastructures import UploadFile as StarletteUploadFile

from martlet._engine.words.unset import UNSET
from martlet._engine.words.unset import Default as Default
from martlet._engine.words.unset import DefaultPlaceholder as DefaultPlaceholder
from martlet._engine.words.unset import DefaultType as DefaultType

_Unset: Any = UNSET  # COMPAT: packages tell an argument that nobody gave by it, and hand it on.


class UploadFile(StarletteUploadFile):
    """A file that came in a form; declare a parameter of this type to receive it.

    Its methods are awaited and leave the event loop free; a `def` endpoint reads the plain Python `file` instead.

    Args:
        file: the binary file that holds the content.
        size: the length in bytes.
        filename: the name that the client gave; not to be trusted as a path.
        headers: the headers of the part (RFC 7578, section 4).
    """

    file: BinaryIO
    filename: str | None
    size: int | None
    headers: Headers

    async def write(self, data: bytes) -> None:
        """Write `data` at the current position."""
        await super().write(data)

    async def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes from the current position, all that is left if it is negative."""
        return await super().read(size)

    async def seek(self, offset: int) -> None:
        """Go to the position `offset`, in bytes from the start."""
        await super().seek(offset)

    async def close(self) -> None:
        """Close the file; the server does so by itself after the response."""
        await super().close()

    @classmethod
    def _validate(cls, value: Any, _: Any) -> StarletteUploadFile:
        # Starlette's own class passes: it is what `await request.form()` holds.
        if not isinstance(value, StarletteUploadFile):
            raise ValueError(f"Expected UploadFile, received: {type(value)}")  # noqa: TRY004 - pydantic reports ValueErrors
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: Mapping[str, Any], handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "contentMediaType": "application/octet-stream"}

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: Callable[[Any], Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        return with_info_plain_validator_function(cls._validate)
