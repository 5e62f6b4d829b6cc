"""ASGI middleware: Starlette's, and the one that closes what a request left open."""

from starlette.middleware import Middleware as Middleware
