"""What `import fastapi` gives once the drop-in is installed."""

import pytest

import martlet
from martlet.dropin import FASTAPI_VERSION, VARIABLE, is_installed
from tests.dropin.programs import INSTALL, printed, python


def test_nothing_changes_until_it_is_installed() -> None:
    assert not is_installed()
    assert printed("import martlet, fastapi; print(fastapi.FastAPI.__module__)") == "fastapi.applications"


def test_every_module_is_the_very_same_object() -> None:
    code = (
        f"{INSTALL}import sys, fastapi.routing, fastapi.openapi.utils, martlet.routing, martlet.openapi.utils as ours\n"
        "import fastapi.security.http as http, martlet.security.http\n"
        "from fastapi import routing, FastAPI\n"
        "assert routing is fastapi.routing is martlet.routing is sys.modules['fastapi.routing']\n"
        "assert fastapi.openapi.utils is ours and http is martlet.security.http\n"
        "assert FastAPI is martlet.FastAPI is fastapi.applications.FastAPI\n"
        "assert martlet.dropin.is_installed()\n"
    )
    assert not printed(code)


def test_modules_keep_their_own_name_and_spec() -> None:
    code = f"{INSTALL}import fastapi.routing as r\nprint(r.__name__, r.__spec__.name, r.__loader__.name)"
    assert printed(code) == " ".join(["martlet.routing"] * 3)


def test_each_package_has_its_own_version() -> None:
    code = f"{INSTALL}import fastapi, martlet\nprint(fastapi.__version__, martlet.__version__, fastapi.__name__)"
    assert printed(code) == f"{FASTAPI_VERSION} {martlet.__version__} fastapi"


def test_what_is_patched_through_one_name_is_patched_through_the_other() -> None:
    code = (
        f"{INSTALL}import fastapi, martlet, martlet.routing\nfrom unittest.mock import patch\n"
        "real = martlet.APIRouter\n"
        "with patch('fastapi.routing.get_dependant', 1), patch('fastapi.APIRouter', 2):\n"
        "    print(martlet.routing.get_dependant, martlet.APIRouter)\n"
        "assert martlet.APIRouter is fastapi.APIRouter is real\n"
        "with patch.object(fastapi, '__version__', '3'):\n"
        "    print(fastapi.__version__, martlet.__version__)\n"
        "fastapi.__extra__ = 1\n"
        "del fastapi.__extra__\n"
        "print('FastAPI' in dir(fastapi), '__version__' in dir(fastapi))\n"
    )
    assert printed(code).split("\n") == ["1 2", f"3 {martlet.__version__}", "True True"]


def test_all_names_can_be_imported_at_once() -> None:
    code = f"{INSTALL}from fastapi import *\nimport martlet as m\nprint(FastAPI is m.FastAPI, status.HTTP_200_OK)"
    assert printed(code) == "True 200"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("fastapi.Flask", "AttributeError: module 'fastapi' has no attribute 'Flask'"),
        ("import fastapi.flask", "ModuleNotFoundError: No module named 'fastapi.flask'"),
        ("from fastapi.routing import Flask", "ImportError: cannot import name 'Flask' from 'martlet.routing'"),
    ],
)
def test_what_martlet_does_not_have_is_not_taken_from_elsewhere(code: str, error: str) -> None:
    done = python("-c", f"{INSTALL}import fastapi\n{code}")
    assert error in done.stderr


def test_specs_are_found() -> None:
    code = (
        f"{INSTALL}from importlib.util import find_spec\nimport martlet.params\n"
        "print(find_spec('fastapi').name, find_spec('fastapi.params').name, find_spec('fastapi.flask'))\n"
        "import fastapi.params\n"
        "print(find_spec('fastapi.params').name)\n"
    )
    assert printed(code).split() == ["fastapi", "fastapi.params", "None", "martlet.params"]


def test_modules_can_be_loaded_again() -> None:
    code = (
        f"{INSTALL}import importlib, fastapi, fastapi.logger, martlet.logger\n"
        "assert importlib.reload(fastapi) is fastapi\n"
        "assert importlib.reload(fastapi.logger) is fastapi.logger is martlet.logger\n"
        "print(fastapi.__version__, fastapi.logger.__spec__.name)\n"
    )
    assert printed(code) == f"{FASTAPI_VERSION} martlet.logger"


def test_modules_are_listed() -> None:
    code = (
        f"{INSTALL}import pkgutil, fastapi\n"
        "print(*(each.name for each in pkgutil.iter_modules(fastapi.__path__, 'fastapi.')))\n"
    )
    assert {"fastapi.routing", "fastapi.security", "fastapi.testclient"} <= set(printed(code).split())


def test_source_and_resources_are_found() -> None:
    code = (
        f"{INSTALL}import fastapi, fastapi.routing, inspect, linecache, importlib.resources as resources\n"
        "print(inspect.getsource(fastapi.routing)[:3], inspect.getsource(fastapi)[:3])\n"
        "print(fastapi.__spec__.loader.get_source('fastapi')[:3])\n"
        "print(resources.files('fastapi').joinpath('py.typed').is_file())\n"
    )
    assert printed(code).split() == ['"""', '"""', '"""', "True"]


def test_objects_travel() -> None:
    code = (
        f"{INSTALL}import copy, pickle, typing\nfrom fastapi import HTTPException, UploadFile\n"
        "from fastapi.routing import APIRoute\n"
        "error = pickle.loads(pickle.dumps(HTTPException(404, 'x')))\n"
        "assert type(error) is HTTPException and error.status_code == 404\n"
        "assert pickle.loads(pickle.dumps(APIRoute)) is APIRoute is copy.copy(APIRoute)\n"
        "assert pickle.loads(b'cfastapi.exceptions\\nHTTPException\\n.') is HTTPException\n"
        "def endpoint(file: 'UploadFile'): ...\n"
        "assert typing.get_type_hints(endpoint) == {'file': UploadFile}\n"
    )
    assert not printed(code)


def test_it_is_run_as_a_program() -> None:
    code = (
        f"{INSTALL}import runpy, sys\nsys.argv = ['fastapi', '--version']\n"
        "runpy.run_module('fastapi', alter_sys=True, run_name='__main__')\n"
    )
    assert printed(code) == python("-m", "martlet", "--version").stdout.strip() != ""


def test_it_is_installed_once() -> None:
    code = f"{INSTALL}{INSTALL}import sys\nprint(sum(type(each).__name__ == 'AliasFinder' for each in sys.meta_path))"
    assert printed(code) == "1"


@pytest.mark.parametrize(("value", "module"), [("1", "martlet"), ("0", "fastapi"), ("", "fastapi"), ("off", "fastapi")])
def test_the_environment_asks_for_it(value: str, module: str) -> None:
    code = "import martlet, fastapi; print(fastapi.FastAPI.__module__.partition('.')[0])"
    assert printed(code, environ={VARIABLE: value}) == module


def test_a_program_that_is_started_inherits_it() -> None:
    code = (
        f"{INSTALL}import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'import martlet, fastapi; print(fastapi.FastAPI.__module__)'])\n"
    )
    assert printed(code) == "martlet.applications"


def test_installing_imports_nothing_of_others() -> None:
    code = f"{INSTALL}import sys\nprint(*{{'pydantic', 'starlette', 'anyio', 'martlet.exceptions'}} & set(sys.modules))"
    assert not printed(code)


def test_what_is_asked_for_less_often_is_there_by_name() -> None:
    from martlet.dropin import Reach, Surveyed, TooLateError

    assert [each.__name__ for each in (Reach, Surveyed, TooLateError)] == ["Reach", "Surveyed", "TooLateError"]
    with pytest.raises(AttributeError, match="has no attribute 'Flask'"):
        _ = martlet.dropin.Flask  # type: ignore[attr-defined]  # that is the test
