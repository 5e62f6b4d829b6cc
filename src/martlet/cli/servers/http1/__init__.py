"""HTTP/1.1 for `martlet run` on uvicorn: what is between the bytes of a connection and ASGI.

uvicorn accepts connections, keeps count of them and ends them; httptools reads requests. A `Connection` hands each of
these to the app as an `Exchange`, which makes an answer of what the app sends, from its `head` on. Decision 0013 says
why this is not uvicorn's own.
"""
