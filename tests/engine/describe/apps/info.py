"""What an app says of itself."""

from martlet import FastAPI

app = FastAPI(
    title="Everything",
    version="2.5.0",
    summary="In one line",
    description="# At length",
    terms_of_service="https://example.com/terms",
    contact={"name": "Me", "url": "https://example.com", "email": "me@example.com", "x-more": None},
    license_info={"name": "MIT", "identifier": "MIT"},
    openapi_tags=[
        {"name": "a", "description": "A", "externalDocs": {"url": "https://example.com", "description": "More"}},
        {"name": "b", "x-own": 1},
    ],
    servers=[
        {"url": "https://{env}.example.com", "variables": {"env": {"default": "a", "enum": ["a", "b"]}}},
        {"url": "/", "description": "Here"},
    ],
    openapi_external_docs={"url": "https://example.com/docs", "description": "Elsewhere"},
)

silent = FastAPI(openapi_tags=[], servers=[], summary="", contact={}, openapi_external_docs={})
silent.openapi_version = "3.0.2"
