"""Refuse requests for hosts that are not ours, as Starlette does."""

from starlette.middleware.trustedhost import TrustedHostMiddleware as TrustedHostMiddleware
