"""The last message of an answer, marked by a sender that has no background tasks to run after it.

An http middleware has what follows an answer go on once all of that was sent. Background tasks begin in a turn of the
loop of their own, after other requests had theirs; what else there is, the exits of dependencies and often nothing, is
done at once (`inside.py`). Whoever hands the message on as it is keeps the mark, and a message without it is as good.
"""

from collections.abc import Awaitable
from typing import Any, Final

from starlette.background import BackgroundTasks as StarletteBackgroundTasks
from starlette.responses import Response
from starlette.types import Message, Send

from martlet.background import BackgroundTasks

# Of exactly these it is known that they do nothing where they have no tasks.
_KINDS: Final = (BackgroundTasks, StarletteBackgroundTasks)


class LastMessage(dict[str, object]):
    """A message of the type `http.response.body`."""


def marking(response: Response, send: Send) -> Send:
    """Return `send` so that it marks the last message of a response, if that has no background tasks."""
    background: Any = getattr(response, "background", response)
    has_none = background is None or (type(background) in _KINDS and not background.tasks)
    if not has_none:
        return send

    def mark(message: Message) -> Awaitable[None]:
        is_last = message["type"] == "http.response.body" and not message.get("more_body", False)
        return send(LastMessage(message) if is_last else message)

    return mark
