"""fastapi-mail: a message from a background task, with an upload attached; nothing leaves the process."""

import pytest
from fastapi import BackgroundTasks, FastAPI, UploadFile
from fastapi.testclient import TestClient
from fastapi_mail import ConnectionConfig, FastMail, MessageSchema, MessageType
from pydantic import EmailStr, SecretStr

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_a_message_is_sent_behind_the_answer() -> None:
    settings = ConnectionConfig(
        MAIL_USERNAME="shop",
        MAIL_PASSWORD=SecretStr("made up"),
        MAIL_FROM="shop@example.com",
        MAIL_PORT=9,
        MAIL_SERVER="127.0.0.1",
        MAIL_STARTTLS=False,
        MAIL_SSL_TLS=False,
        SUPPRESS_SEND=1,
    )
    mail = FastMail(settings)
    app = FastAPI()

    @app.post("/invoices/{to}", status_code=202)
    async def send(to: EmailStr, file: UploadFile, tasks: BackgroundTasks) -> dict[str, str]:
        message = MessageSchema(
            subject="Your invoice",
            recipients=[to],  # type: ignore[list-item]  # an address is enough
            body="<p>Thanks</p>",
            subtype=MessageType.html,
            attachments=[file],
        )
        tasks.add_task(mail.send_message, message)
        return {"sent": to}

    client = TestClient(app)
    with mail.record_messages() as outbox:
        answer = client.post("/invoices/ada@example.com", files={"file": ("invoice.txt", b"12.50", "text/plain")})
        assert answer.json() == {"sent": "ada@example.com"}
        (message,) = outbox
    assert (message["subject"], message["to"]) == ("Your invoice", "ada <ada@example.com>")
    assert "invoice.txt" in message.as_string()
    assert client.post("/invoices/nobody", files={"file": b"x"}).status_code == 422
