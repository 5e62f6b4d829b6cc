"""The published test suites of FastAPI and of Starlette, run against Martlet.

`python -m conformance` fetches the source distributions and runs their tests: FastAPI's with every `fastapi` import
resolved to `martlet`, Starlette's with its class `Starlette` replaced by Martlet's `FastAPI`. It compares the outcome
with ledgers kept beside this file:

- `expected.txt`, `starlette_expected.txt`: what genuine FastAPI passes in this very harness (the total to reach);
- `passing.txt`: what Martlet passes of FastAPI's suite; it may only grow. Of Starlette's it has to pass all;
- `deviations.toml`, `starlette_deviations.toml`: what Martlet answers differently on purpose, each with its reason.

The rooms: `published` says which suites, `sources` brings one and its environment, `suite` runs it, `outcomes` reads
what happened, `ledger` keeps the books, `report` prints, `inside/` is what the suite's own interpreters import.
Nothing of either is ever committed here: their files live in a cache outside the repository.
"""
