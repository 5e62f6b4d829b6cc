"""What every security scheme is: a dependency that the document can describe.

A class of one's own that derives from `SecurityBase`, sets both attributes and is callable takes part like the built-in
ones. The built-in ones build `model` on first reading, so that the models of OpenAPI are imported only by those who
need the document.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from martlet.openapi.models import SecurityBase as SecurityBaseModel


class SecurityBase:
    """The base of all security schemes."""

    model: "SecurityBaseModel"
    """The scheme as OpenAPI describes it."""
    scheme_name: str
    """The key under which the document lists the scheme."""
