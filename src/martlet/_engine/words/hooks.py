"""Names of the windows that the engine must see as they are at this moment, because others patch them.

A window registers a getter when it is imported; until then the default stands. Nothing in the engine imports a window.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Hooks:
    """The getters.

    Args:
        ping_interval: seconds of silence after which an event stream sends a comment.
    """

    ping_interval: Callable[[], float]


HOOKS = Hooks(ping_interval=lambda: 15.0)
