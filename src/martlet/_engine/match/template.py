"""A Template is one path as declared, such as `/items/{item_id:int}`, taken apart.

Its language is Starlette's: `{name}`, `{name:convertor}`, all else is text. What a template matches is by definition
what `regex` matches, the very regex that Starlette's `compile_path` makes; the tree is only a faster way to the same
answer. The regex is made when someone asks for it, which for most routes nobody does.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Self, TypeAlias

from starlette.convertors import CONVERTOR_TYPES, Convertor
from starlette.routing import PARAM_REGEX, compile_path

from martlet._engine.words.errors import DuplicateParameterError, InvalidPathError


class Parameter(NamedTuple):
    """A `{name:convertor}` of a template."""

    name: str
    convertor: Convertor[Any]


Token: TypeAlias = str | Parameter
"""A piece of a template: text as it stands, or a parameter."""


@dataclass(frozen=True)
class Template:
    """A path as declared.

    Args:
        path: the text of it.
        tokens: its pieces, in order; texts are not empty, and no two of them are neighbours.
    """

    path: str
    tokens: tuple[Token, ...]

    @classmethod
    def parse(cls, path: str) -> Self:
        """Take a path apart.

        Raises:
            DuplicateParameterError: two parameters have one name.
            InvalidPathError: a convertor is unknown.
        """
        template = cls(path, tuple(_tokens(path)))
        check_names(template.param_names, path, "Give each parameter of the path a name of its own.")
        return template

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters, in order."""
        return tuple(token for token in self.tokens if isinstance(token, Parameter))

    @property
    def param_names(self) -> tuple[str, ...]:
        """The names of the parameters, in order."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def converters(self) -> dict[str, Convertor[Any]]:
        """The convertors by the name of the parameter; Starlette's `param_convertors`."""
        return dict(self.parameters)

    @cached_property
    def path_format(self) -> str:
        """The path without convertors, `/items/{item_id}`, as the document shows it."""
        return "".join(token if isinstance(token, str) else f"{{{token.name}}}" for token in self.tokens)

    @cached_property
    def start(self) -> str:
        """The text that every path begins with that `regex` matches."""
        return str(self.tokens[0]) if self.path.startswith("/") else ""

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """What the template matches, from the start of a path; a group for each parameter.

        Raises:
            InvalidPathError: a registered convertor's regex is none.
        """
        if not self.path.startswith("/"):
            # Starlette takes this for the name of a host: letters in any case, a port after it does not count.
            return compile_path(self.path)[0]
        try:
            return re.compile(f"^{pattern_of(self.tokens)}$")
        except re.error as error:
            raise InvalidPathError(
                f"The path {self.path!r} cannot be compiled: {error}", advice="Look at its convertors' `regex`."
            ) from error


def check_names(names: Sequence[str], path: str, advice: str, endpoint: Any = None) -> None:
    """Refuse a path of which two parameters have one name.

    Args:
        names: the names of its parameters.
        path: the path.
        advice: what to do about it.
        endpoint: the endpoint of the route, if there is one.

    Raises:
        DuplicateParameterError: two names are alike.
    """
    duplicates = sorted({name for name in names if names.count(name) > 1})
    if duplicates:
        ending = "s" if len(duplicates) > 1 else ""
        text = f"Duplicated param name{ending} {', '.join(duplicates)} at path {path}"
        raise DuplicateParameterError(text, advice=advice, endpoint=endpoint)


def pattern_of(tokens: tuple[Token, ...]) -> str:
    """Return the text of the regex for a run of tokens, without anchors."""
    return "".join(
        re.escape(token) if isinstance(token, str) else f"(?P<{token.name}>{token.convertor.regex})" for token in tokens
    )


def _tokens(path: str) -> Iterator[Token]:
    start = 0
    for match in PARAM_REGEX.finditer(path):
        if start < match.start():
            yield path[start : match.start()]
        name, kind = match.groups(default=":str")
        yield Parameter(name, _convertor(path, kind.removeprefix(":")))
        start = match.end()
    if start < len(path):
        yield path[start:]


def _convertor(path: str, kind: str) -> Convertor[Any]:
    convertor = CONVERTOR_TYPES.get(kind)
    if convertor is None:
        from difflib import get_close_matches  # noqa: PLC0415 - for a mistake

        meant = get_close_matches(kind, CONVERTOR_TYPES, n=1)
        advice = f"Did you mean {meant[0]!r}?" if meant else f"Known are {', '.join(sorted(CONVERTOR_TYPES))}."
        raise InvalidPathError(f"Unknown path convertor '{kind}'", advice=f"It is in the path {path!r}. {advice}")
    return convertor
