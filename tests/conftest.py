"""What holds for all tests: Hypothesis draws the same examples in every run, and takes the time it needs.

A branch that only some draws reach would make the coverage of a run a matter of luck; `python -m tests.oracle` is where
new examples are drawn.
"""

from hypothesis import HealthCheck, settings

settings.register_profile("house", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
