"""What somebody is told who asks for the drop-in after `fastapi` was imported."""

from pathlib import Path

import pytest

from martlet.dropin._importers import _import_lines, _is_foreign
from tests.dropin.programs import INSTALL, python


def refused(folder: Path, **modules: str) -> str:
    """Write modules, run the one named `main`, and return the refusal."""
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)
    done = python("main.py", cwd=folder)
    assert done.returncode == 1
    _, _, message = done.stderr.partition("TooLateError: ")
    assert message, done.stderr
    return message.replace(str(folder), "")


def test_the_program_itself(tmp_path: Path) -> None:
    message = refused(tmp_path, main=f"import os\nfrom fastapi import FastAPI\n{INSTALL}")
    assert message.startswith("martlet.dropin.install() was called too late: fastapi was imported already\n")
    assert "  by __main__ (/main.py:2)\n" in message
    assert (
        "Call it in the first line of the program, before these imports; or start the app with --as-fastapi." in message
    )


def test_a_package_that_the_program_imported(tmp_path: Path) -> None:
    message = refused(
        tmp_path,
        main=f"import plugin\n{INSTALL}from fastapi import FastAPI\n",
        plugin="import other\nimport os, fastapi.routing\n",
        other="x = 'of fastapi'\n",
    )
    assert "  by plugin (/plugin.py:2)\n" in message
    assert "__main__" not in message  # it comes to that line later
    assert "other" not in message


def test_of_many_the_first_are_told(tmp_path: Path) -> None:
    many = {f"plugin{number}": "from fastapi.params import Depends\n" for number in range(5)}
    message = refused(tmp_path, main="".join(f"import {name}\n" for name in many) + INSTALL, **many)
    assert [line for line in message.split("\n") if line.startswith("  ")] == [
        "  by plugin0 (/plugin0.py:1)",
        "  by plugin1 (/plugin1.py:1)",
        "  by plugin2 (/plugin2.py:1)",
        "  and 2 more",
    ]


def test_somebody_without_source(tmp_path: Path) -> None:
    message = refused(tmp_path, main=f"exec('import ' + 'fast' + 'api')\n{INSTALL}")
    assert "  by something that has no source\n" in message


def test_a_program_that_is_run_as_a_module(tmp_path: Path) -> None:
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "__main__.py").write_text(f"import fastapi\n{INSTALL}")
    done = python("-m", "service", cwd=tmp_path)
    assert f"  by __main__ ({tmp_path}/service/__main__.py:1)\n" in done.stderr


def test_modules_without_readable_source_are_passed_over(tmp_path: Path) -> None:
    main = (
        "import fastapi, sys, types, email.mime.text\n"
        "sys.modules['made'] = types.ModuleType('made')\n"
        "sys.modules['gone'] = None\n"
        "email.mime.text.__spec__.name = 'another'\n"
        "sys.modules['text'] = email.mime.text\n"
        f"{INSTALL}"
    )
    assert "by __main__ (/main.py:1)" in refused(tmp_path, main=main)


def test_the_environment_asks_too_late_as_well(tmp_path: Path) -> None:
    done = python("-c", "import fastapi, martlet", environ={"MARTLET_AS_FASTAPI": "1"})
    assert "TooLateError" in done.stderr


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("import fastapi", [1]),
        ("import os\nif os:\n    import fastapi.routing as r\nfrom fastapi import x", [3, 4]),
        ("from . import fastapi\nfrom .fastapi import x\nimport fastapi_users\nfrom os import path", []),
        ("import fastapi (", []),
    ],
)
def test_lines_that_import_it(text: str, lines: list[int]) -> None:
    assert list(_import_lines(text)) == lines


def test_whose_imports_count() -> None:
    assert [_is_foreign(name) for name in ("main", "fastapi.routing", "martlet.dropin", "fastapi_users")] == [
        True, False, False, True
    ]  # fmt: skip
