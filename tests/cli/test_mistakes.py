"""What is said of code that cannot be imported: the user's line, Python's message, what was probably meant."""

import sys
from typing import Any, cast

import pytest

from martlet import FastAPI
from martlet.cli.discover import Target
from martlet.cli.failures import Failure
from martlet.cli.frames import interpreter
from martlet.cli.load import load
from martlet.cli.mistakes import of_import, of_lifespan
from martlet.testclient import TestClient
from tests.cli.programs import Program


def failure_of(program: Program, text: str) -> Failure:
    program.write(text)
    with pytest.raises(Failure) as caught:
        load(Target("main", program.folder))
    return caught.value


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "\n\nfrom fastapy import FastAPI",
            ["main.py:3   from fastapy import FastAPI", "No module named 'fastapy': did you mean 'fastapi'?"],
        ),
        ("import jsno", ["main.py:1   import jsno", "No module named 'jsno': did you mean 'json'?"]),
        (
            "import json.decoders",
            ["main.py:1   import json.decoders", "No module named 'json.decoders': did you mean 'json.decoder'?"],
        ),
        (
            "import json.zzz",
            ["main.py:1   import json.zzz", "No module named 'json.zzz'"],
        ),
        ("def x(:\n", ["main.py:1   def x(:", "SyntaxError: invalid syntax"]),
        ("x = 1\n  y = 2\n", ["main.py:2   y = 2", "IndentationError: unexpected indent"]),
        (
            "number = 1\nprint(numbr)",
            ["main.py:2   print(numbr)", "NameError: name 'numbr' is not defined: did you mean 'number'?"],
        ),
        (
            "import json\njson.laods('x')",
            [
                "main.py:2   json.laods('x')",
                "AttributeError: module 'json' has no attribute 'laods': did you mean 'loads'?",
            ],
        ),
        (
            "e = ValueError()\ne.add_note('a note')\nraise e",
            ["main.py:3   raise e", "ValueError", "a note"],
        ),
        ("raise NameError('plain')", ["main.py:1   raise NameError('plain')", "NameError: plain"]),
        ("import sys\nsys.exit('no')", ["main.py:2   sys.exit('no')", "The module ends the process: SystemExit('no')"]),
        ("raise ImportError('plain')", ["main.py:1   raise ImportError('plain')", "plain"]),
        (
            "import json\njson.loads('x')",
            ["main.py:2   json.loads('x')", "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"],
        ),
    ],
)
def test_the_line_and_what_is_wrong_with_it(program: Program, text: str, lines: list[str]) -> None:
    failure = failure_of(program, text)
    assert (failure.code, failure.exit_code, failure.headline) == ("MARTLET-E101", 3, "Cannot import main")
    assert list(failure.details) == lines
    assert failure.advice == ()


def test_a_name_that_a_module_does_not_have(program: Program) -> None:
    failure = failure_of(program, "from martlet import FastApi")
    assert failure.details[1].startswith("cannot import name 'FastApi' from 'martlet'")
    assert failure.details[1].endswith(": did you mean 'FastAPI'?")


def test_a_module_that_was_named_and_is_none_has_no_line(program: Program) -> None:
    program.write("", "bakery/__init__.py")
    program.write("", "bakery/main.py")
    with pytest.raises(Failure) as caught:
        load(Target("bakery.mian", program.folder))
    assert caught.value.details == ("No module named 'bakery.mian': did you mean 'bakery.main'?",)


def test_the_line_is_the_innermost_of_the_users(program: Program) -> None:
    program.write("import models\n")
    program.write("import json\n\n\ndef read():\n    json.loads('')\n\n\nread()", "models.py")
    with pytest.raises(Failure) as caught:
        load(Target("main", program.folder))
    assert caught.value.details[0] == "models.py:5   json.loads('')"


@pytest.mark.parametrize(
    ("module", "package"),
    [("yaml_of_nobody", "yaml_of_nobody"), ("cv2", "opencv-python"), ("sklearn.svm", "scikit-learn")],
)
def test_a_package_that_is_not_installed(program: Program, module: str, package: str) -> None:
    failure = failure_of(program, f"import {module}")
    assert failure.advice == (f"If it is a package: {interpreter()} -m pip install {package}",)


def test_fastapi_that_is_not_installed(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "fastapi", raising=False)  # other tests have imported it, being the oracle
    error = ModuleNotFoundError("No module named 'fastapi'", name="fastapi")
    failure = of_import(error, Target("main", program.folder))
    assert failure.details[0].startswith("No module named 'fastapi'")
    assert failure.advice == ("FastAPI is not installed. Martlet can take its place: add --as-fastapi",)


def test_a_declaration_that_cannot_work_keeps_its_advice(program: Program) -> None:
    failure = failure_of(
        program, "from martlet import FastAPI\napp = FastAPI()\n@app.get('/x', nme=1)\ndef read(): ...\n"
    )
    assert failure.details[0].startswith("main.py:3   ")
    assert [line.strip() for line in failure.details[2:]] == ["Did you mean 'name'?"]


def test_a_lifespan_that_fails(program: Program) -> None:
    try:
        raise OSError("no database")
    except OSError as error:
        failure = of_lifespan(error, Target("main", program.folder, "app"))
    assert failure.headline == "main:app does not start: its lifespan fails"
    assert failure.details[-1] == "OSError: no database"
    assert failure.advice == ()


def test_a_lifespan_that_is_no_context_manager(program: Program) -> None:
    def lifespan(_: object) -> None: ...

    app = FastAPI(lifespan=cast("Any", lifespan))
    with pytest.raises(TypeError) as error, TestClient(app):
        pass
    failure = of_lifespan(error.value, Target("main", program.folder, "app"))
    assert failure.advice[0].startswith("A lifespan takes the app and yields once: write @asynccontextmanager")
