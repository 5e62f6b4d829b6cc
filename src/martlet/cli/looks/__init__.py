"""Looking at an app without serving it: its routes as rows, the way of a request through them, where things are.

Everything here takes an app and returns data; the commands print it.
"""
