"""The OpenAPI document of an app, with what was warned of while it was made."""

import warnings
from collections.abc import Sequence
from typing import Any

from martlet.applications import FastAPI
from martlet.cli.failures import DocumentFailure


def document_of(app: FastAPI) -> tuple[dict[str, Any], Sequence[str]]:
    """Return the document and the warnings.

    Raises:
        DocumentFailure: something that was declared cannot be described.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            document = app.openapi()
        except Exception as error:  # a type's own schema may raise anything
            raise DocumentFailure(
                "The OpenAPI document cannot be made",
                details=(type(error).__name__, *str(error).splitlines()),
                advice="Leave what cannot be described out of the document: include_in_schema=False.",
            ) from error
    return document, [str(warning.message) for warning in caught]
