"""`import fastapi` means Martlet, in every interpreter that inherits this directory on its path.

Python imports `sitecustomize` by itself at start. The rest is the product's own drop-in: `martlet` reads the variable
that asks for it. Without the variable nothing is imported, and `fastapi` is whatever the path holds.
"""

import os
from importlib import import_module

if os.environ.get("MARTLET_AS_FASTAPI"):
    import_module("martlet")
