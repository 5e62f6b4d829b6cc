import threading

from martlet.cli.servers.deadline import Deadline


def test_it_ends_the_process_some_time_after_it_was_started() -> None:
    said: list[str] = []
    ended = threading.Event()
    deadline = Deadline(0.05, lambda: said.append("last words"), ended.set)
    assert not ended.wait(0.15)
    deadline.start()
    assert ended.wait(5)
    assert said == ["last words"]
