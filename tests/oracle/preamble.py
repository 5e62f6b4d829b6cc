"""What every drawn program begins with: imports, a few types of its own, and the log of whose turn it was."""

PREAMBLE = """\
import re
from collections import deque
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import (
    APIRouter, BackgroundTasks, Body, Cookie, Depends, FastAPI, File, Form, Header, HTTPException, Path, Query,
    Request, Response, Security, UploadFile, WebSocket, WebSocketDisconnect, WebSocketException,
)
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.requests import HTTPConnection
from fastapi.responses import (
    HTMLResponse, JSONResponse, ORJSONResponse, PlainTextResponse, RedirectResponse, StreamingResponse,
)
from fastapi.security import (
    APIKeyCookie, APIKeyHeader, APIKeyQuery, HTTPBasic, HTTPBearer, HTTPDigest, OAuth2, OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer, OAuth2PasswordRequestForm, OAuth2PasswordRequestFormStrict, OpenIdConnect, SecurityScopes,
)
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import (
    BaseModel, ConfigDict, Field, HttpUrl, SecretStr, StrictInt, computed_field, field_serializer, field_validator,
)
from starlette.background import BackgroundTask
from typing_extensions import TypedDict

LOG: list[str] = []


class Color(str, Enum):
    red = "red"
    blue = "deep blue"


class Level(IntEnum):
    low = 1
    high = 2


@dataclass
class Point:
    x: int
    y: int


class Oops(Exception):
    pass


def kind_of(error: Exception) -> str:
    # By what would catch it: a framework's own class may derive from what the other raises.
    kinds = (HTTPException, Oops, ResponseValidationError, ValueError, TypeError, Exception)
    return next(kind.__name__ for kind in kinds if isinstance(error, kind))

"""
