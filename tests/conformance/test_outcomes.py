"""Node ids, areas and the line that failures are grouped by."""

import json
from pathlib import Path

import pytest

from conformance.inside.suite_outcomes import OutcomeRecorder, without_group
from conformance.outcomes import area, files_of, grouped, last_line, read_outcomes

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    ("node_id", "expected"),
    [
        ("tests/test_x.py::test_y@workdir_lock", "tests/test_x.py::test_y"),
        ("tests/test_x.py::test_y[a@b]", "tests/test_x.py::test_y[a@b]"),
        ("tests/test_x.py::test_y[a@b]@one_two", "tests/test_x.py::test_y[a@b]"),
        ("tests/test_x.py::test_y", "tests/test_x.py::test_y"),
    ],
)
def test_groups_of_xdist_leave_the_node_id(node_id: str, expected: str) -> None:
    assert without_group(node_id) == expected


@pytest.mark.parametrize(
    ("node_id", "expected"),
    [
        ("tests/test_tutorial/test_body/test_tutorial001.py::test_a[x::y]", "tutorial/body"),
        ("tests/test_tutorial/test_alone.py::test_a", "tutorial"),
        ("tests/test_telemetry/test_http.py::test_a", "telemetry"),
        ("tests/test_security_http_bearer.py::test_a", "security"),
        ("tests/test_sse.py::test_a", "sse"),
        ("tests/main.py", "main"),
    ],
)
def test_area(node_id: str, expected: str) -> None:
    assert area(node_id) == expected


CHAINED = """\
a.py:1: in f
    g()
E   KeyError: 'x'

During handling of the above exception, another exception occurred:
a.py:3: in f
    raise ValueError
E   ValueError: because
E     more of it"""

NESTED = """\
E   AssertionError: Traceback (most recent call last):
E     File "<string>", line 1, in <module>
E   NameError: name 'x' is not defined
E
E   assert 1 == 0"""


@pytest.mark.parametrize(
    ("traceback", "expected"),
    [
        (CHAINED, "ValueError: because"),
        (NESTED, "NameError: name 'x' is not defined"),
        ("first\n  last\n\n", "last"),
        ("", "(no traceback)"),
    ],
)
def test_last_line(traceback: str, expected: str) -> None:
    assert last_line(traceback) == expected


def test_failures_are_grouped_whatever_the_address() -> None:
    found = grouped({"b": "E   T: <X at 0x7f00aa11>", "a": "E   T: <X at 0x7f00bb22>", "c": "E   U"})
    assert found == [("T: <X at 0x...>", ["a", "b"]), ("U", ["c"])]


def test_files_of() -> None:
    found = files_of(["a.py::x", "a.py::y[1::2]", "b.py::z"])
    assert found == {"a.py": {"a.py::x", "a.py::y[1::2]"}, "b.py": {"b.py::z"}}


def test_the_plugin_writes_what_is_read_here(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_good="def test_passes(): pass",
        test_mixed="""
            import pytest
            @pytest.fixture
            def torn():
                yield
                raise ValueError("teardown")
            def test_torn(torn): pass
            def test_fails(): assert 0
            @pytest.mark.skip
            def test_skipped(): pass
            @pytest.fixture
            def broken(): raise KeyError("setup")
            def test_broken(broken): pass
        """,
        test_unimportable="import no_such_module",
    )
    recorder = OutcomeRecorder(pytester.path / "outcomes.json")
    pytester.inline_run("--continue-on-collection-errors", plugins=[recorder])
    seen = read_outcomes(recorder.target)
    assert seen.ids("passed") == {"test_good.py::test_passes"}
    assert seen.ids("failed") == {f"test_mixed.py::test_{name}" for name in ("torn", "fails", "broken")}
    assert seen.ids("skipped") == {"test_mixed.py::test_skipped"}
    assert seen.unimportable == {"test_unimportable.py"}
    assert last_line(seen.tracebacks["test_unimportable.py"]).endswith("No module named 'no_such_module'")


def test_reading_keeps_tracebacks_of_failures_only(tmp_path: Path) -> None:
    written = tmp_path / "outcomes.json"
    written.write_text(json.dumps({"tests": {"a": ["passed", ""], "b": ["failed", "E   X"]}, "unimportable": {}}))
    assert read_outcomes(written).tracebacks == {"b": "E   X"}
