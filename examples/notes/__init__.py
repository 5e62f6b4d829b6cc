"""Notes that people keep for themselves: an app written for FastAPI, which knows nothing of Martlet.

It is here to run unchanged. From this folder's parent:

    martlet dev --as-fastapi notes.main:app

Settings come from the environment (`NOTES_DATABASE`, `NOTES_SECRET`, `NOTES_TOKEN_MINUTES`); people register, log in by
OAuth 2.0's password flow, and get a token for all that is theirs; a database session is a dependency.
"""
