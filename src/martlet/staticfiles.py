"""Serve the files of a directory, as Starlette does."""

from starlette.staticfiles import StaticFiles as StaticFiles
