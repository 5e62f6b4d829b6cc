"""Send clients that came over plain HTTP to HTTPS, as Starlette does."""

from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware as HTTPSRedirectMiddleware
