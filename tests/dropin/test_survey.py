"""Which packages reach into FastAPI, found in their source."""

import ast
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

from martlet.dropin import Reach, Surveyed, survey
from martlet.dropin._reaches import Use, uses
from martlet.dropin._survey import DOCUMENTED


def package(folder: Path, name: str = "plugin", listed: tuple[str, ...] = (), **modules: str) -> Distribution:
    """Install a package into a folder, as far as its files go."""
    metadata = folder / f"{name}-2.1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.1\n")
    files = [f"{name}/{module}.py" for module in modules]
    (folder / name).mkdir()
    for file, text in zip(files, modules.values(), strict=True):
        (folder / file).write_text(text)
    (metadata / "RECORD").write_text("".join(f"{file},,\n" for file in [*files, *listed]))
    return Distribution.at(metadata)


def found(text: str) -> list[Use]:
    return list(uses(ast.parse(text)).names)


def test_a_package_that_keeps_to_what_is_documented(tmp_path: Path) -> None:
    text = "from fastapi import APIRouter, Depends\nfrom fastapi.routing import APIRoute\nAPIRoute.handle\n"
    assert survey([package(tmp_path, main=text)]) == [Surveyed("plugin", "2.1", ())]


def test_a_package_that_has_nothing_to_do_with_it(tmp_path: Path) -> None:
    listed = ("plugin/data.json", "plugin/deleted.py")
    assert survey([package(tmp_path, listed=listed, main="import os", other="x = 'fastapi'")]) == []


def test_a_package_that_reaches_further(tmp_path: Path) -> None:
    text = (
        "import fastapi\nfrom fastapi.dependencies.utils import get_dependant, _nowhere\n"
        "fastapi.routing.serialize_response = None\n"
        "fastapi.FastAPI._build\n"
    )
    (surveyed,) = survey([package(tmp_path, main=text)])
    utils = "fastapi.dependencies.utils"
    file = "plugin/main.py"
    plain = {"guarded": False, "replaced": False}
    assert surveyed.reaches == (
        Reach(f"{utils}.get_dependant", file, 2, private=False, present=True, **plain),
        Reach(f"{utils}._nowhere", file, 2, private=True, present=False, **plain),
        Reach("fastapi.routing.serialize_response", file, 3, private=False, present=True, guarded=False, replaced=True),
        Reach("fastapi.FastAPI._build", file, 4, private=True, present=False, **plain),
    )
    assert [reach.works for reach in surveyed.reaches] == [True, False, True, False]
    assert not surveyed.works


def test_a_name_that_is_documented_and_not_here_is_told(tmp_path: Path) -> None:
    (surveyed,) = survey([package(tmp_path, main="from fastapi import Flask\nimport fastapi.flask.x\n")])
    assert [(reach.name, reach.private, reach.present) for reach in surveyed.reaches] == [
        ("fastapi.Flask", False, False),
        ("fastapi.flask.x", False, False),
    ]


def test_what_a_package_can_do_without_is_no_failure(tmp_path: Path) -> None:
    text = "try:\n    from fastapi._old import thing\nexcept ImportError:\n    thing = None\n"
    (surveyed,) = survey([package(tmp_path, main=text)])
    assert surveyed.works
    assert [(reach.present, reach.guarded) for reach in surveyed.reaches] == [(False, True)]


def test_modules_are_looked_up_without_their_warnings_and_requirements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "starlette.templating", None)  # as without jinja2
    monkeypatch.delitem(sys.modules, "martlet.templating", raising=False)
    text = "from fastapi.middleware.wsgi import WSGIMiddleware\nfrom fastapi.templating import Jinja2Templates, _x\n"
    (surveyed,) = survey([package(tmp_path, main=text)])
    assert [(reach.name, reach.present) for reach in surveyed.reaches] == [("fastapi.templating._x", True)]


def test_a_library_that_installs_the_drop_in_is_told(tmp_path: Path) -> None:
    text = "from martlet.dropin import install\ninstall()\n"
    assert survey([package(tmp_path, main=text)]) == [Surveyed("plugin", "2.1", (), installs=True)]
    mere_mention = "from martlet import FastAPI\nimport martlet.dropin\nx = martlet.dropin.is_installed()\n"
    assert survey([package(tmp_path / "other", main=mere_mention)]) == []


def test_files_that_cannot_be_read_are_listed(tmp_path: Path) -> None:
    made = package(tmp_path, main="import fastapi", template="import fastapi {{ version }} (", zero="# fastapi\n\0")
    assert survey([made]) == [Surveyed("plugin", "2.1", (), ("plugin/template.py", "plugin/zero.py"))]


def test_packages_are_told_once_and_by_name(tmp_path: Path) -> None:
    made = [
        package(tmp_path / folder, name, main="import fastapi")
        for folder, name in [("a", "zoo"), ("b", "Bee"), ("c", "Zoo"), ("d", "fastapi"), ("e", "martlet")]
    ]
    assert [surveyed.name for surveyed in survey(made)] == ["Bee", "zoo"]


def test_all_installed_packages_are_looked_at_if_none_are_given() -> None:
    names = [surveyed.name for surveyed in survey()]
    assert "fastapi" not in names
    assert names == sorted(names, key=str.lower)
    assert survey([distribution("starlette")]) == []


@pytest.mark.filterwarnings("ignore:starlette.middleware.wsgi")
@pytest.mark.parametrize("module", sorted(DOCUMENTED))
def test_what_is_documented_is_there(module: str) -> None:
    """By genuine FastAPI's own modules, so that the table has no name of our making."""
    from importlib import import_module

    genuine = import_module(module)
    assert all(hasattr(genuine, name) for name in DOCUMENTED[module] - {"*"})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import fastapi.routing", ["fastapi.routing"]),
        ("import fastapi.routing as r\nr.Mount", ["fastapi.routing", "fastapi.routing.Mount"]),
        ("from fastapi import routing as r\nr.x.y(1)", ["fastapi.routing", "fastapi.routing.x.y"]),
        ("from fastapi.utils import *", ["fastapi.utils"]),
        ("from .fastapi import x\nfrom . import fastapi\nimport fastapi_users", []),
        ("import os\nos.path.join('fastapi')", []),
        ("f().g.h", []),
        ("wrap('fastapi.routing', 'APIRoute.handle', f)", ["fastapi.routing.APIRoute.handle"]),
        ("import fastapi\nsetattr(fastapi.routing, 'x', 1)", ["fastapi", "fastapi.routing.x", "fastapi.routing"]),
        ("log('fastapi.routing', 'is slow')\nlog(1, 'x')\nlog('flask', 'x')", []),
        ("x = {'fastapi': 1}['fastapi']", []),
    ],
)
def test_names_are_followed(text: str, names: list[str]) -> None:
    assert [use.name for use in found(text)] == names


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("from fastapi.x import y", False),
        ("try:\n    from fastapi.x import y\nexcept ImportError:\n    pass", True),
        ("try:\n    from fastapi.x import y\nexcept (KeyError, builtins.AttributeError):\n    pass", True),
        ("try:\n    from fastapi.x import y\nexcept:\n    pass", True),
        ("try:\n    from fastapi.x import y\nexcept KeyError:\n    pass", False),
        ("try:\n    pass\nexcept ImportError:\n    from fastapi.x import y", False),
        ("if TYPE_CHECKING:\n    from fastapi.x import y", True),
        ("if typing.TYPE_CHECKING:\n    from fastapi.x import y", True),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    from fastapi.x import y", False),
        (
            "try:\n    if b:\n        from fastapi.x import y\nexcept ImportError:\n    pass",
            True,
        ),
        ("try:\n    from fastapi.x import y\nexcept ImportError:\n    pass\nfrom fastapi.x import y", False),
    ],
)
def test_what_can_be_done_without(text: str, guarded: bool) -> None:
    assert [use.guarded for use in found(text)] == [guarded]


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("import fastapi as f\nf.routing.x = 1", True),
        ("import fastapi as f\nf.routing.x", False),
        ("import fastapi as f\nf.routing.x\nf.routing.x = 1", True),
        ("import fastapi as f\nwrapt.wrap_function_wrapper(f.routing, 'x', g)", True),
        ("wrap_function_wrapper('fastapi.routing', 'x', g)", True),
        ("getattr('fastapi.routing', 'x')", False),
    ],
)
def test_what_is_replaced(text: str, replaced: bool) -> None:
    assert next(use.replaced for use in found(text) if use.name == "fastapi.routing.x") is replaced
