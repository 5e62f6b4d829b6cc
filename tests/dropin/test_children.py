"""Processes that a program starts: `fastapi` means Martlet there too."""

import sys
from pathlib import Path

import httpx2
import pytest

from tests.dropin.programs import INSTALL, printed, python
from tests.serving import free_port, serving

WORK = "import fastapi\n\n\ndef work(given):\n    return fastapi.FastAPI.__module__, given.__module__\n"


@pytest.mark.parametrize("way", ["fork", "spawn", "forkserver"])
def test_processes_of_a_program_that_is_not_run_again(tmp_path: Path, way: str) -> None:
    """As under `python -m martlet`, whose main module no child runs."""
    (tmp_path / "work.py").write_text(WORK)
    code = (
        f"{INSTALL}import multiprocessing, sys\nfrom work import work\nfrom martlet import HTTPException\n"
        f"context = multiprocessing.get_context({way!r})\n"
        "with context.Pool(1) as pool:\n"
        "    print(*pool.apply(work, [HTTPException]))\n"
        "    pool.close()\n"
        "    pool.join()\n"
    )
    found, given = printed(code, cwd=tmp_path).split()
    assert found == "martlet.applications"
    assert given.startswith("martlet.")


def test_processes_of_processes(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(
        "import multiprocessing\n\n\ndef start(queue):\n"
        "    import work2\n"
        "    process = multiprocessing.get_context('spawn').Process(target=work2.tell, args=[queue])\n"
        "    process.start()\n    process.join()\n"
    )
    (tmp_path / "work2.py").write_text(
        "import fastapi\n\n\ndef tell(queue):\n    queue.put(fastapi.FastAPI.__module__)\n"
    )
    code = (
        f"{INSTALL}import multiprocessing, work\ncontext = multiprocessing.get_context('spawn')\n"
        "queue = context.Queue()\nprocess = context.Process(target=work.start, args=[queue])\n"
        "process.start()\nprint(queue.get(timeout=20))\nprocess.join()\n"
    )
    assert printed(code, cwd=tmp_path) == "martlet.applications"


def test_a_main_module_that_is_run_again(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        f"{INSTALL}import multiprocessing\nimport fastapi\n\n\ndef work():\n    return fastapi.FastAPI.__module__\n\n\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.apply(work))\n        pool.close()\n        pool.join()\n"
    )
    done = python("main.py", cwd=tmp_path)
    assert done.stdout.strip() == "martlet.applications", done.stderr


@pytest.mark.parametrize("how", ["workers=2", "reload=True"])
def test_worker_and_reload_processes_of_a_server(tmp_path: Path, how: str) -> None:
    (tmp_path / "service.py").write_text(
        "import fastapi\n\napp = fastapi.FastAPI()\n\n\n"
        "@app.get('/health')\ndef health():\n    return fastapi.FastAPI.__module__\n"
    )
    (tmp_path / "main.py").write_text(
        f"{INSTALL}import sys\nimport uvicorn\n\nif __name__ == '__main__':\n"
        f"    uvicorn.run('service:app', port=int(sys.argv[1]), {how})\n"
    )
    port = free_port()
    command = [sys.executable, "main.py", str(port)]
    with serving(command, port, tmp_path / "log", {}) as served:
        assert httpx2.get(f"{served.url}/health", timeout=20).json() == "martlet.applications"
