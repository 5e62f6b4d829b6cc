"""Profiles of Hypothesis for this folder: short and always the same by default, long on request."""

from hypothesis import settings

settings.register_profile("long", max_examples=400)
