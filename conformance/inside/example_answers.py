"""A program: load the apps of FastAPI's documentation in one process, and write down what each says and answers.

    python example_answers.py TREE TARGET FILE...

`TREE` is the unpacked distribution, each `FILE` a module below it. What `fastapi` means there is decided by the
environment, as everywhere here. The file `TARGET` becomes JSON, by file:

    {"error": TEXT}                                                  it cannot be imported
    {"app": NAME, "openapi": DOCUMENT or None, "answers": {PATH: [STATUS, CONTENT TYPE, BODY]}}
"""

import importlib
import json
import os
import random
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

SECONDS = 5
# What the examples read from the folder that they are run in.
FILES = {
    "dist/404.html": "no",
    "dist/index.html": "yes",
    "log.txt": "",
    "static/a.txt": "a file",
    "templates/item.html": "<h1>{{ id }}</h1>",
}
VARIABLES = {"ADMIN_EMAIL": "admin@example.com"}


class SlowError(Exception):
    """An answer does not end."""


def stop(*_: object) -> None:
    """Give up on what takes too long."""
    raise SlowError


def facts(file: str) -> dict[str, Any]:
    """Return what an example says and answers."""
    from fastapi import FastAPI

    # Examples of one chapter describe the same tables.
    SQLModel.metadata.clear()
    try:
        module = importlib.import_module(".".join(Path(file).with_suffix("").parts))
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    apps = {name: value for name, value in vars(module).items() if isinstance(value, FastAPI)}
    name = "app" if "app" in apps else next(iter(apps), "")
    if not name:
        return {"error": "no app"}
    app = apps[name]
    try:
        document = json.loads(json.dumps(app.openapi()))
    except Exception as error:
        document = f"{type(error).__name__}: {error}"
    return {"app": name, "openapi": document, "answers": dict(answers(app, document))}


def answers(app: Any, document: Any) -> Iterator[tuple[str, Any]]:
    """Yield what the app answers to a GET on each of its paths that have no parameters."""
    from fastapi.testclient import TestClient

    described = document["paths"] if isinstance(document, dict) else {}
    paths = [path for path, item in described.items() if "get" in item and "{" not in path]
    signal.signal(signal.SIGALRM, stop)
    for path in paths:
        random.seed(0)  # an example draws what it answers
        signal.alarm(SECONDS)
        try:
            with TestClient(app, raise_server_exceptions=False) as client:
                answer = client.get(path, follow_redirects=False)
            yield path, [answer.status_code, answer.headers.get("content-type"), answer.text]
        except Exception as error:
            yield path, [0, None, type(error).__name__]
        finally:
            signal.alarm(0)


def furnish(folder: Path) -> None:
    """Put into a folder what the examples read from it."""
    for name, text in FILES.items():
        place = folder / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)


def main(tree: Path, target: Path, files: list[str]) -> None:
    """Write down what the examples say and answer."""
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(tree))
    os.environ.update(VARIABLES)
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        furnish(Path(folder))
        found = {file: facts(file) for file in files}
    target.write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3:])
