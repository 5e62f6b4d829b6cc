"""The OpenAPI document: its models, its pages, and the functions that make it."""

from martlet._engine.words.lending import lend

lend(
    __name__,
    {
        "constants": "martlet.openapi.constants",
        "docs": "martlet.openapi.docs",
        "models": "martlet.openapi.models",
        "utils": "martlet.openapi.utils",
    },
)
