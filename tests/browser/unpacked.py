"""The app of `documented.py`, by a copy of Martlet that has nothing packed."""

from pathlib import Path

from martlet._engine.describe import assets
from tests.browser.documented import app

assets.DIRECTORY = Path(__file__).parent / "nothing"

__all__ = ["app"]
