"""Serving in production, for `martlet run`: the processes, the servers in them, and how they come to an end.

`supervisor` starts the worker processes and keeps them; `worker` is what one of them does: it loads the app, starts it,
serves it by one of the two sites (`on_uvicorn`, `on_granian`), and ends within the deadline when it is told to.
"""
