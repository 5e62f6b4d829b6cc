"""Parcels on their way: a service as it is deployed, with Postgres behind it and nginx in front.

- `database` says what is stored, and owns the engine, which each worker opens and closes in its lifespan;
- `migrations` make the tables, by Alembic, as a step of its own before anything serves;
- `parcels` takes parcels in and finds them, `scans` follows them: by HTTP, as a stream, over a WebSocket;
- `main` puts them together as `app`;
- `nginx.conf.template` is the site for nginx.

`docs/deployment.md` has the commands; `tests/system/test_deployment.py` runs all of it.
"""
