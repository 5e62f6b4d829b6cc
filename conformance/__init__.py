"""FastAPI's own published test suite, run against Martlet.

`python -m conformance` fetches the source distribution of one FastAPI release, runs its tests with every
`fastapi` import resolved to `martlet`, and compares the outcome with three ledgers kept beside this file:

- `expected.txt`: the tests that genuine FastAPI passes in this very harness (the total to reach);
- `passing.txt`: the tests that Martlet passes; it may only grow;
- `deviations.toml`: the tests that Martlet answers differently on purpose, each with its reason.

The rooms: `sources` brings the suite and its environment, `suite` runs it, `outcomes` reads what happened,
`ledger` keeps the books, `report` prints, `inside/` is what is imported by the suite's own interpreters.
Nothing of FastAPI is ever committed here: its files live in a cache outside the repository.
"""
