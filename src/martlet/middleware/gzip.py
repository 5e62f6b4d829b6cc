"""Compress responses for clients that accept gzip, as Starlette does."""

from starlette.middleware.gzip import GZipMiddleware as GZipMiddleware
