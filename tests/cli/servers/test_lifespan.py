import asyncio
import logging
from typing import Any

import pytest

from martlet.cli.servers.lifespan import Lifespan, StartupError


def app_that(*messages: str, error: str = "", wait: bool = True) -> Any:
    """Return an app that answers each question with the next of the messages, and raises then."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            if wait:
                await receive()
            scope["state"]["asked"] = message
            await send({"type": f"lifespan.{message}", "message": "no database"})
        if error:
            raise RuntimeError(error)

    return app


def live(app: Any) -> Lifespan:
    lifespan = Lifespan(app)

    async def main() -> None:
        await lifespan.start()
        await lifespan.end()

    asyncio.run(main())
    return lifespan


def test_an_app_starts_and_ends_and_leaves_its_state() -> None:
    assert live(app_that("startup.complete", "shutdown.complete")).state == {"asked": "shutdown.complete"}


def test_what_the_app_raises_at_its_start_is_raised() -> None:
    with pytest.raises(RuntimeError, match="no table"):
        live(app_that("startup.failed", error="no table"))
    with pytest.raises(StartupError, match="no database"):
        live(app_that("startup.failed"))


@pytest.mark.parametrize("app", [app_that(error="what is a lifespan?"), app_that()], ids=["raises", "returns"])
def test_an_app_without_a_lifespan_is_served_without(app: Any) -> None:
    assert live(app).state == {}


def test_what_fails_at_the_end_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "martlet.run"):
        live(app_that("startup.complete", "shutdown.failed"))
    assert caplog.messages == ["The app failed at its end.\nno database"]


def test_one_that_never_started_has_no_end() -> None:
    asyncio.run(Lifespan(app_that()).end())
