"""Security in the document: which schemes a path operation requires, and how they are described.

Two uses of a scheme under one name are one requirement with the scopes of both.
"""

from collections.abc import Iterable
from typing import Any

from martlet._engine.describe.inputs import SchemeUse
from martlet._engine.read.dependant import security_scheme
from martlet.encoders import jsonable_encoder


def security_requirements(uses: Iterable[SchemeUse]) -> list[dict[str, list[str]]]:
    """Return the operation's `security`: one requirement for each scheme, all of which are needed."""
    scopes: dict[str, dict[str, None]] = {}
    for use in uses:
        name = security_scheme(use.dependant).scheme_name
        scopes.setdefault(name, {}).update(dict.fromkeys(use.scopes))
    return [{name: list(needed)} for name, needed in scopes.items()]


def security_schemes(uses: Iterable[SchemeUse]) -> dict[str, Any]:
    """Return the schemes for `components.securitySchemes`, by name; of two under one name the last stands."""
    schemes = {scheme.scheme_name: scheme for scheme in (security_scheme(use.dependant) for use in uses)}
    return {name: jsonable_encoder(scheme.model, by_alias=True, exclude_none=True) for name, scheme in schemes.items()}
