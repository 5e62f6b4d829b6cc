"""Mount a WSGI app.

Starlette deprecates it in favour of `a2wsgi.WSGIMiddleware`, which streams.
"""

from starlette.middleware.wsgi import WSGIMiddleware as WSGIMiddleware
