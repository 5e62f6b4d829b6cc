import gc
from collections.abc import Iterator

import pytest

from martlet.cli.servers import collecting
from martlet.cli.servers.collecting import SELDOM, collect_seldom
from tests.cli.programs import Program
from tests.cli.test_run import running

APP = """
    import gc
    from martlet import FastAPI

    app = FastAPI(docs_url=None, redoc_url=None)
    {more}

    @app.get("/health")
    async def health() -> tuple[int, bool]:
        return gc.get_threshold()[0], gc.get_freeze_count() > 10_000
    """


@pytest.fixture
def usual() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*collecting._USUAL)
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    gc.enable()


@pytest.mark.usefixtures("usual")
def test_what_is_there_is_not_looked_at_and_the_rest_seldom() -> None:
    collect_seldom()
    assert gc.get_threshold() == (SELDOM, *collecting._USUAL[1:])
    assert gc.get_freeze_count() > 0


@pytest.mark.usefixtures("usual")
def test_whoever_has_chosen_keeps_that() -> None:
    gc.set_threshold(123)
    collect_seldom()
    assert gc.get_threshold()[0] == 123
    gc.set_threshold(*collecting._USUAL)
    gc.disable()
    collect_seldom()
    assert (gc.get_threshold(), gc.get_freeze_count()) == (collecting._USUAL, 0)


@pytest.mark.usefixtures("usual")
def test_nor_does_it_begin_where_python_was_started_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "_USUAL", (0, 10, 10))
    gc.set_threshold(0, 10, 10)
    collect_seldom()
    assert gc.get_threshold()[0] == 0


@pytest.mark.parametrize("server", ["uvicorn", "granian"])
@pytest.mark.parametrize(("more", "said"), [("", [SELDOM, True]), ("gc.set_threshold(800)", [800, False])])
def test_a_worker_collects_seldom(server: str, more: str, said: list[object], program: Program) -> None:
    program.write(APP.format(more=more))
    with running(program, "--server", server) as (_, client):
        assert client.get("/health").json() == said
