"""Small apps whose handlers are made of everything that the compiler emits, and requests that run all of it.

A case is an app for either framework and the requests to it. Three tests use the table: the text of the handlers is
that of the golden files, the answers are genuine FastAPI's, and no branch of the text is left out by the requests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from tests.asking import App, Ask, Framework


@dataclass(frozen=True)
class Case:
    """An app and requests to it.

    Args:
        make: makes the app from a framework.
        asks: the requests.
        ours: requests that are answered in a way of our own, so that there is nothing to compare.
        observed: whether the golden file shows the handlers under a middleware as well.
    """

    make: Callable[[Framework], App]
    asks: tuple[Ask, ...]
    ours: tuple[Ask, ...]
    observed: bool

    @property
    def name(self) -> str:
        return self.make.__name__


CASES: list[Case] = []


def case(
    *asks: Ask, ours: tuple[Ask, ...] = (), observed: bool = False
) -> Callable[[Callable[[Framework], App]], Callable[[Framework], App]]:
    """Enter an app into the table, with the requests to it."""

    def enter(make: Callable[[Framework], App]) -> Callable[[Framework], App]:
        CASES.append(Case(make, asks, ours, observed))
        return make

    return enter


def act(app: App, framework: Framework, default: Any = None, **results: Any) -> Any:
    """Do what the request wants: raise, or return a result by its name; `default` if it wants nothing."""
    outcome = app.state.outcome
    if outcome == "refuses":
        raise framework.HTTPException(418, "a teapot", headers={"x-pot": "tea"})
    if outcome == "breaks":
        raise RuntimeError("broken")
    return results.get(outcome, default)


class Item(BaseModel):
    name: str
    price: float = 1.5


class Priced(Item):
    """Another class than `Item`, though one of it: what it has more is not in answers."""

    secret: str = "hidden"
