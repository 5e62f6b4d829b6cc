"""What the suite's own interpreters import: this directory is on their path.

`sitecustomize` is imported by every interpreter that starts, so the tests that start one of their own are covered;
`suite_outcomes` and `starlette_swap` are pytest plugins. None imports anything of the rest of this package, which is
not there.
"""
