"""The limits on forms, under the names of FastAPI's private module: programs annotate with them."""

from martlet._engine.run.limits import check_form_limits as _validate_form_limits
from martlet._engine.words.options import FormLimits as _FormLimits

__all__ = ["_FormLimits", "_validate_form_limits"]
