"""What `fastapi.dependencies` offers to packages that look into signatures."""

from martlet._engine.words.lending import lend

lend(
    __name__,
    {
        "models": "martlet.dependencies.models",
        "utils": "martlet.dependencies.utils",
    },
)
