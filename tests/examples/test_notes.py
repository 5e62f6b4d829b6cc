"""The notes, an app that imports `fastapi` alone: the same on FastAPI, and on Martlet in three ways."""

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.serving import Served, free_port, serving

UVICORN = [sys.executable, "-W", "error", "-m", "uvicorn", "--no-access-log"]
MARTLET = [sys.executable, "-W", "error", "-m", "martlet"]
PROGRAM = """\
import martlet.dropin

martlet.dropin.install()

import sys
import uvicorn
from notes.main import app

uvicorn.run(app, port=int(sys.argv[1]), access_log=False)
"""
HOSTS = ["fastapi", "installed", "dev", "run"]


def command(host: str, port: int, folder: Path) -> list[str]:
    """Return what serves the notes."""
    if host == "installed":
        (folder / "program.py").write_text(PROGRAM)
        return [sys.executable, "-W", "error", "program.py", str(port)]
    where = ["--port", str(port)]
    if host == "fastapi":
        return [*UVICORN, *where, "notes.main:app"]
    return [*MARTLET, host, "--as-fastapi", *where, "notes.main:app"]


@pytest.fixture(scope="module", params=HOSTS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, port = tmp_path_factory.mktemp("notes"), free_port()
    extra = {"NOTES_DATABASE": f"sqlite:///{folder}/notes.db", "NOTES_SECRET": "a secret of more than thirty-two bytes"}
    with serving(command(request.param, port, folder), port, folder / "log", extra) as found:
        yield found


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=served.url, timeout=20) as made:
        yield made


def logged_in(client: httpx2.Client, name: str) -> dict[str, str]:
    """Register somebody and return their header."""
    password = "correct horse"
    client.post("/users", json={"name": name, "password": password})
    token = client.post("/token", data={"username": name, "password": password}).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_people_register_once_and_log_in(client: httpx2.Client) -> None:
    somebody = {"name": "ada", "password": "correct horse"}
    answer = client.post("/users", json=somebody)
    assert (answer.status_code, answer.json()["name"], set(answer.json())) == (201, "ada", {"id", "name"})
    assert client.post("/users", json=somebody).json() == {"detail": "There is a 'ada' already"}
    refused = client.post("/token", data={"username": "ada", "password": "wrong horse"})
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert client.get("/me", headers=logged_in(client, "ada")).json() == answer.json()


def test_what_is_wrong_is_said_in_the_app_s_own_way(client: httpx2.Client) -> None:
    answer = client.post("/users", json={"name": "A", "password": "short"})
    assert answer.status_code == 422
    assert [line.partition(":")[0] for line in answer.json()["mistakes"]] == ["name", "password"]
    assert float(answer.headers["x-seconds"]) > 0


def test_notes_are_kept_listed_and_thrown_away(client: httpx2.Client) -> None:
    me = logged_in(client, "bob")
    made = [
        client.post("/notes", json={"title": title, "tag": tag}, headers=me)
        for title, tag in [("one", "a"), ("two", "b"), ("three", "a")]
    ]
    assert [answer.status_code for answer in made] == [201] * 3
    assert client.get(made[0].headers["location"], headers=me).json() == made[0].json()
    listed = client.get("/notes", params={"tag": "a", "limit": 5}, headers=me).json()
    assert [note["title"] for note in listed] == ["three", "one"]
    assert client.get("/notes", params={"limit": 0}, headers=me).status_code == 422
    assert client.get("/notes", params={"sort": "x"}, headers=me).json() == {
        "mistakes": ["sort: Extra inputs are not permitted"]
    }
    where = made[1].headers["location"]
    gone = client.delete(where, headers=me)
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(where, headers=me).status_code == 404


def test_notes_of_others_are_not_there(client: httpx2.Client) -> None:
    where = client.post("/notes", json={"title": "x"}, headers=logged_in(client, "eve")).headers["location"]
    assert client.get(where, headers=logged_in(client, "mallory")).status_code == 404


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}])
def test_nobody_is_let_in_without_a_token(client: httpx2.Client, header: dict[str, str]) -> None:
    answer = client.get("/notes", params={"limit": "many"}, headers=header)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_the_document_says_it_all(client: httpx2.Client) -> None:
    document = client.get("/openapi.json").json()
    assert sorted(document["paths"]) == ["/me", "/notes", "/notes/{note_id}", "/token", "/users"]
    assert document["paths"]["/notes"]["get"]["security"] == [{"OAuth2PasswordBearer": []}]
    assert "text/html" in client.get("/docs").headers["content-type"]
