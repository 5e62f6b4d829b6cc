"""The programs that are measured, one module a framework.

Each has a function for each workload of `bench.workloads`, which returns an ASGI app with the routes of that workload
alone, written the way the framework's own documentation would. `fastapi.py` and `martlet.py` are the same program:
only the package's name differs, and a test holds them to it.
"""
