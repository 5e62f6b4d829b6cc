"""What a user may say about a parameter, each option typed and explained once.

`Path`, `Query`, `Header`, `Cookie`, `Body`, `Form` and `File` all take these options; editors show the text under a key
when one hovers over the keyword. An absent key means that nothing was said, which is not the same as `None`.
What the options become is up to `markers.py`; who acts on them, to the engine's `read` and `describe`.
"""

import re
from collections.abc import Callable
from typing import Any, Literal

from pydantic import AliasChoices, AliasPath, AnyUrl, Discriminator, with_config
from typing_extensions import TypedDict, deprecated  # pydantic does not take `typing`'s before Python 3.12


@with_config(extra="allow")
class Example(TypedDict, total=False):
    """One named example of a parameter: the Example Object of OpenAPI 3.1, section 4.8.19."""

    summary: str | None
    """One line that says what the example shows."""

    description: str | None
    """A longer text; CommonMark."""

    value: Any | None
    """The example itself."""

    externalValue: AnyUrl | None
    """Where the example can be fetched, instead of `value`."""


class ParamOptions(TypedDict, total=False):
    """The options that every kind of parameter takes."""

    default_factory: Callable[[], Any] | None
    """Makes the default, anew for each request; instead of `default`."""

    alias: str | None
    """The name on the wire, where it differs from the parameter's own."""

    alias_priority: int | None
    """Whether an alias generator may replace the alias: 1 lets it, 2 (the default where there is an alias) does not."""

    validation_alias: str | AliasPath | AliasChoices | None
    """The name on the wire for input only; several can be offered with `AliasChoices`."""

    serialization_alias: str | None
    """The name on the wire for output only; `alias` where left out."""

    title: str | None
    """A short human name for the document."""

    description: str | None
    """What the parameter means, for the document; CommonMark."""

    gt: float | None
    """The value must be greater than this."""

    ge: float | None
    """The value must be this or greater."""

    lt: float | None
    """The value must be less than this."""

    le: float | None
    """The value must be this or less."""

    min_length: int | None
    """The fewest characters of a string, or items of a list."""

    max_length: int | None
    """The most characters of a string, or items of a list."""

    pattern: str | re.Pattern[str] | None
    """A regular expression found in the value; anchor it with `^` and `$` to match the whole."""

    regex: str | None
    """Deprecated: the former name of `pattern`."""

    discriminator: str | Discriminator | None
    """The field, or the function, that tells which member of a union the value is."""

    strict: bool | None
    """Whether the value must have the right type already: no `"1"` for `1`."""

    validate_default: bool | None
    """Whether the default is validated too."""

    union_mode: Literal["smart", "left_to_right"] | None
    """How a union picks its member: the best match, or the first that fits."""

    fail_fast: bool | None
    """Whether a collection stops at its first bad item; the other errors are then not reported."""

    multiple_of: float | None
    """The value must be a multiple of this."""

    allow_inf_nan: bool | None
    """Whether `inf`, `-inf` and `nan` are numbers."""

    max_digits: int | None
    """The most digits of a decimal, before and after the point; leading zeros do not count."""

    decimal_places: int | None
    """The most digits of a decimal after its point; trailing zeros do not count."""

    examples: list[Any] | None
    """Example values, as JSON Schema has them."""

    example: Any | None
    """Deprecated: one example value, as OpenAPI 3.0 had it; use `examples`."""

    openapi_examples: dict[str, Example] | None
    """Examples by name, as OpenAPI has them; Swagger UI offers them in a list."""

    deprecated: deprecated | str | bool | None
    """Whether the document says that the parameter should no longer be sent; a text says why."""

    include_in_schema: bool
    """Whether the document mentions the parameter at all; it is read and validated either way."""

    json_schema_extra: dict[str, Any] | Callable[[dict[str, Any]], None] | None
    """More keys for the parameter's JSON Schema, or a function that changes it."""


class HeaderOptions(ParamOptions, total=False):
    """The options of a header."""

    convert_underscores: bool
    """Whether `user_agent` reads the header `user-agent`, as it does by default; a proxy may drop headers with `_`."""


class FormOptions(ParamOptions, total=False):
    """The options of a form's field or file."""

    media_type: str
    """The content type that the document gives for the body."""


class BodyOptions(FormOptions, total=False):
    """The options of a body, or of a part of one."""

    embed: bool | None
    """Whether the body is an object with a key for this parameter: by default only where there are several."""
