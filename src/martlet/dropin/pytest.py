"""The drop-in for a run of pytest, without a line of code: `pytest -p martlet.dropin.pytest`.

pytest imports a plugin that is named so before those that are installed and before each conftest.py; some of either
import `fastapi`. Without the option the same tests run on FastAPI.
"""

from martlet.dropin import install

install()
