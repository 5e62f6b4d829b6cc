"""SIGTERM under load, over and over: what has begun ends whole, and the process within its deadline."""

from pathlib import Path

import pytest

from tests.servers.rounds import play, problems

pytestmark = pytest.mark.system

ROUNDS = 20
DRAIN = 5.0


@pytest.mark.timeout(240)
@pytest.mark.parametrize("server", ["uvicorn", "granian"])
def test_twenty_rounds_lose_nothing_that_has_begun(server: str, tmp_path: Path) -> None:
    # Granian serves the rounds that have WebSockets over ASGI, and the others over RSGI.
    found: dict[int, list[str]] = {}
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        talks, workers = number % 2 == 0, 2 if number % 4 == 3 else 1
        options = ["--server", server, "--workers", str(workers), "--drain", str(DRAIN)]
        outcome = play(folder, *options, talks=talks)
        print(
            f"{server:8} round {number + 1:2}, {workers} worker(s){', talking' if talks else ''}:",
            f"{len(outcome.whole)} answered, ended after {outcome.took:.2f} s",
        )
        if wrong := problems(outcome, DRAIN, talks=talks):
            found[number] = wrong
    assert not found, "\n".join(line for lines in found.values() for line in lines)
