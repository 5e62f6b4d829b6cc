"""fastapi-problem: every error as `application/problem+json`; and fastapi-csrf-protect's tokens in two halves."""

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from fastapi_csrf_protect import CsrfProtect
from fastapi_csrf_protect.exceptions import CsrfProtectError
from fastapi_problem.error import NotFoundProblem
from fastapi_problem.handler import add_exception_handler, new_exception_handler


class NoBookProblem(NotFoundProblem):
    title = "There is no such book"


def test_errors_are_problems_and_the_document_says_so() -> None:
    app = FastAPI()
    add_exception_handler(app, new_exception_handler())

    @app.get("/books/{book_id}")
    async def read(book_id: int) -> int:
        if book_id == 0:
            raise NoBookProblem("none")
        if book_id == 1:
            raise HTTPException(418, "tea")
        raise ValueError("secret")

    client = TestClient(app, raise_server_exceptions=False)
    answers = {asked: client.get(f"/books/{asked}") for asked in ("0", "1", "2", "x")}
    assert {asked: answer.status_code for asked, answer in answers.items()} == {"0": 404, "1": 418, "2": 500, "x": 422}
    assert {answer.headers["content-type"] for answer in answers.values()} == {"application/problem+json"}
    assert answers["0"].json()["title"] == "There is no such book"
    assert answers["x"].json()["errors"][0]["loc"] == ["path", "book_id"]
    responses = client.get("/openapi.json").json()["paths"]["/books/{book_id}"]["get"]["responses"]
    assert "application/problem+json" in responses["422"]["content"]


def test_a_form_without_its_token_is_refused() -> None:
    @CsrfProtect.load_config
    def settings() -> list[tuple[str, str]]:
        return [("secret_key", "secret"), ("cookie_samesite", "lax")]

    app = FastAPI()

    @app.get("/")
    def token(protect: CsrfProtect = Depends()) -> JSONResponse:
        plain, signed = protect.generate_csrf_tokens()
        answer = JSONResponse(plain)
        protect.set_csrf_cookie(signed, answer)
        return answer

    @app.post("/")
    async def post(request: Request, protect: CsrfProtect = Depends()) -> str:
        await protect.validate_csrf(request)
        return "taken"

    @app.exception_handler(CsrfProtectError)
    def refused(_: Request, error: CsrfProtectError) -> JSONResponse:
        return JSONResponse(error.message, error.status_code)

    client = TestClient(app)
    assert client.post("/").status_code == 400
    plain = client.get("/").json()
    assert client.post("/", headers={"X-CSRF-Token": plain}).json() == "taken"
    assert client.post("/", headers={"X-CSRF-Token": "other"}).status_code == 401
