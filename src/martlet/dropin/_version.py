"""Which release of FastAPI Martlet answers for: the one whose published tests `python -m conformance` runs.

`fastapi.__version__` says it, and so does the metadata where FastAPI is not installed.
"""

from typing import Final

FASTAPI_VERSION: Final = "0.165.0"
