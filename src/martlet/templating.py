"""Answer with Jinja templates, as Starlette does."""

from starlette.templating import Jinja2Templates as Jinja2Templates
