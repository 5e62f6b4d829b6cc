"""What every security scheme is: a dependency that the document can describe.

A class of one's own that derives from `SecurityBase`, sets both attributes and is callable takes part like the built-in
ones. Those derive from `Scheme`: they keep what they were declared with as plain data and build `model` from it on
first reading, since only the document needs it. It can be read, set and replaced as if it had always been there.

Reading any signature needs the two names that are known there, `SecurityBase` and `SecurityScopes`: so this module
imports as good as nothing.
"""

from typing import TYPE_CHECKING, Any, Final

from martlet._engine.words.lending import lend

if TYPE_CHECKING:
    from starlette.exceptions import HTTPException

    from martlet.openapi.schemes import SecurityBase as SecurityBaseModel


class SecurityBase:
    """The base of all security schemes."""

    model: "SecurityBaseModel"
    """The scheme as OpenAPI describes it."""
    scheme_name: str
    """The key under which the document lists the scheme."""


class SecurityScopes:
    """The scopes that the callables above a dependency ask for; declare a parameter of this type to receive them.

    Args:
        scopes: the scopes, outermost first; None for none.

    Attributes:
        scopes: the scopes, outermost first; one that several callables ask for stands there several times, as under
            FastAPI.
        scope_str: the same with spaces between them, as RFC 6749, section 3.3, writes them.
    """

    def __init__(self, scopes: list[str] | None = None) -> None:
        self.scopes: list[str] = scopes or []
        self.scope_str: str = " ".join(self.scopes)


class _Unread:
    """A class attribute that the instance's own `model` hides from the first reading on."""

    def __get__(self, scheme: "Scheme | None", owner: type["Scheme"]) -> Any:
        if scheme is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'model'")
        scheme.model = scheme._describe()
        return scheme.model


UNREAD: Final[Any] = _Unread()
_MAY_BE_NONE: Final = frozenset({"bearerFormat", "description", "refreshUrl"})


def _is_plain(declared: dict[str, Any]) -> bool:
    """Whether a model can surely be built from these values: texts, and mappings of texts."""
    return all(
        _is_plain(value)
        if isinstance(value, dict)
        else isinstance(value, str) or (value is None and name in _MAY_BE_NONE)
        for name, value in declared.items()
    )


class Scheme(SecurityBase):
    """What the built-in schemes have in common."""

    model: Any = UNREAD  # each scheme says which model it is; a narrower type than the base would not be overridable
    scheme_name: str
    auto_error: bool
    """Whether a request without credentials is refused; if not, the dependency's value is None."""
    _declared: dict[str, Any]

    def _declare(self, scheme_name: str | None, auto_error: bool, **declared: Any) -> None:
        """Keep what the scheme was declared with.

        Args:
            scheme_name: the key under which the document lists it; None means the class's name.
            auto_error: see the attribute.
            declared: the values that the model is built from.

        Raises:
            ValidationError: a value is of the wrong type.
        """
        self.scheme_name = scheme_name or type(self).__name__
        self.auto_error = auto_error
        self._declared = declared
        if not _is_plain(declared):
            self.model = self._describe()  # now, not when the document is made: so a mistake is refused on its line

    def _describe(self) -> "SecurityBaseModel":
        """Build the model; imports it, which is why this waits until someone asks."""
        raise NotImplementedError

    def _said(self, name: str) -> Any:
        """Return a value of the declaration, from the model if there is one, since that may have been changed."""
        model = vars(self).get("model")
        return self._declared[name] if model is None else getattr(model, name)

    def _absent(self) -> None:
        """Answer for a request that carries no credentials of this scheme."""
        if self.auto_error:
            raise self.make_not_authenticated_error()

    def make_not_authenticated_error(self) -> "HTTPException":
        """Return the error for a request that is refused: 401 with a challenge (RFC 9110, section 11.6.1).

        Override it to answer otherwise.
        """
        raise NotImplementedError


lend(
    __name__,
    {
        "SecurityBaseModel": "martlet.openapi.models:SecurityBase",
    },
)
