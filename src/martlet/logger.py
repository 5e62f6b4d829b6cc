"""The logger of the framework.

It keeps FastAPI's name, so that logging configured for FastAPI goes on to work.
"""

import logging

logger: logging.Logger = logging.getLogger("fastapi")
