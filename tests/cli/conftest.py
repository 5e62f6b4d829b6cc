"""Fixtures of the command line's tests; `programs.py` explains them."""

from tests.cli.programs import program as program
