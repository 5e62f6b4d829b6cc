"""scripts/shape: what it counts, and that its list of what is known only gets shorter."""

import ast
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.programs import load


@pytest.fixture
def shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    program = load("shape")
    monkeypatch.setattr(program, "ROOT", tmp_path)
    monkeypatch.setattr(program, "KNOWN", tmp_path / "shape.toml")
    (tmp_path / "src").mkdir()
    (tmp_path / "tests").mkdir()
    return program


def function(text: str) -> Any:
    return ast.parse(text).body[0]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("def f():\n    pass", 1),
        ('def f():\n    """Said.\n\n    More.\n    """\n    return (\n        1\n    )', 3),
        ('def f():\n    """Said."""', 0),
        ("def f(\n    a,\n    b,\n):\n    a()\n\n    # why\n    b()", 4),
    ],
)
def test_a_body_is_counted_without_its_docstring(shape: Any, text: str, lines: int) -> None:
    assert shape.body_lines(function(text)) == lines


@pytest.mark.parametrize(
    ("parameters", "count"),
    [("", 0), ("self", 0), ("cls, a", 1), ("a, /, b, *, c", 3), ("a, *rest, **options", 3), ("self, *, a=1", 1)],
)
def test_parameters_are_counted_without_self(shape: Any, parameters: str, count: int) -> None:
    assert shape.parameter_count(function(f"def f({parameters}): ...")) == count


def run(shape: Any, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["shape", *arguments])
    try:
        shape.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_what_is_over_is_told_and_fails(
    shape: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    body = "    pass\n" * 61
    wide = "a, b, c, d, e, f, g, h"
    (tmp_path / "src" / "long.py").write_text("x = 1\n" * 501)
    (tmp_path / "src" / "wide.py").write_text(f"class C:\n    def f(self, {wide}): ...\n\ndef g():\n{body}")
    (tmp_path / "src" / "compile" / "steps").mkdir(parents=True)
    (tmp_path / "src" / "compile" / "steps" / "step.py").write_text("async def s():\n" + "    pass\n" * 31)
    (tmp_path / "tests" / "test_it.py").write_text(f"def test_it({wide}):\n{body}")
    assert run(shape, monkeypatch) == 1
    told = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[:2] for line in told] == [
        ["src/long.py", "501"],
        ["src/compile/steps/step.py::s", "31"],
        ["src/wide.py::g", "61"],
        ["src/wide.py::C.f", "8"],
    ]


def test_what_is_known_may_stay_but_not_grow(
    shape: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "src" / "wide.py"
    source.write_text("def f(a, b, c, d, e, f, g, h): ...\n")
    known = tmp_path / "shape.toml"
    known.write_text('[parameters]\n"src/wide.py::f" = 8\n')
    assert run(shape, monkeypatch) == 0
    assert run(shape, monkeypatch, "--all") == 0
    assert "src/wide.py::f" in capsys.readouterr().out

    source.write_text("def f(a, b, c, d, e, f, g, h, i): ...\n")
    assert run(shape, monkeypatch) == 1
    assert "it was 8 and may only shrink" in capsys.readouterr().out


def test_what_is_no_longer_over_leaves_the_list(
    shape: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "src" / "wide.py").write_text("def f(a): ...\n\ndef g(a, b, c, d, e, f, g, h): ...\n")
    known = tmp_path / "shape.toml"
    known.write_text('[parameters]\n"src/wide.py::f" = 8\n"src/wide.py::g" = 9\n')
    assert run(shape, monkeypatch) == 1
    assert capsys.readouterr().out.count("--shrink") == 2
    assert run(shape, monkeypatch, "--shrink") == 0
    assert known.read_text().endswith('[files]\n\n[bodies]\n\n[parameters]\n"src/wide.py::g" = 8\n')
    assert run(shape, monkeypatch) == 0


def test_shrinking_adds_nothing(shape: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "src" / "long.py").write_text("x = 1\n" * 501)
    assert run(shape, monkeypatch, "--shrink") == 1
    assert "long.py" not in (tmp_path / "shape.toml").read_text()
