"""Where an app has its documentation, for those who say so when it accepts connections."""

from typing import Any, Final

PAGES: Final = ("docs_url", "scalar_url", "redoc_url")
"""The options of an app that say where the pages of its documentation are, the first that people look at first."""


def docs_of(app: Any) -> str | None:
    """Return the path of the documentation, where the app has one."""
    if not getattr(app, "openapi_url", None):
        return None
    return next((path for option in PAGES if (path := getattr(app, option, None))), None)
