"""What holds for all tests: Hypothesis draws the same examples in every run, and takes the time it needs.

A branch that only some draws reach would make the coverage of a run a matter of luck; `python -m tests.oracle` is where
new examples are drawn. The guests, below here as well, live in an environment that has no Hypothesis.
"""

from importlib.util import find_spec

if find_spec("hypothesis"):
    from hypothesis import HealthCheck, settings

    settings.register_profile("house", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("house")
