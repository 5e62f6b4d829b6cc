"""A path that a template matches and that hardly any other template was meant for."""

from collections.abc import Iterator
from typing import Final

from starlette.convertors import FloatConvertor, IntegerConvertor, PathConvertor, StringConvertor, UUIDConvertor

from martlet._engine.match.template import Parameter, Template

# By regex, since users may register convertors of their own under these names.
_TEXTS: Final = {
    IntegerConvertor.regex: "918273645",
    FloatConvertor.regex: "918273.645",
    UUIDConvertor.regex: "9f1c27a0-5e64-4b7d-8a3e-0c6d1b2f4e58",
}
_GUESSES: Final = ("918273645", "2026-11-22", "10:30", "sample", "SAMPLE", "a", "A", "0", "true", "sa", "x.y")


def sample_of(template: Template) -> str | None:
    """Return a path that the template matches; None where its convertors are too peculiar to guess one.

    A parameter that takes any text is filled with its own name in braces.
    """
    parts = [token if isinstance(token, str) else _text(token) for token in template.tokens]
    if any(part is None for part in parts):
        return None
    return "".join(part for part in parts if part is not None)


def _text(parameter: Parameter) -> str | None:
    return next(_fitting(parameter), None)


def _fitting(parameter: Parameter) -> Iterator[str]:
    name, regex = f"{{{parameter.name}}}", parameter.convertor.regex
    if regex == StringConvertor.regex:
        yield name
    elif regex == PathConvertor.regex:
        yield f"{name}/{name}"
    elif regex in _TEXTS:
        yield _TEXTS[regex]
    else:
        one = Template("/", ("/", parameter))
        for guess in (name, *_GUESSES):
            try:
                if one.regex.match(f"/{guess}"):
                    parameter.convertor.convert(guess)
                    yield guess
            except ValueError:
                continue
