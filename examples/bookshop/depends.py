"""What the bookshop's endpoints ask for."""

import os
import secrets
from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel
from sqlmodel import Session

from martlet import Depends, HTTPException, Query, Request, Security
from martlet.security import APIKeyHeader

api_key = APIKeyHeader(name="X-API-Key", description="Needed for writing. The demo's key is `demo-key`.")


def get_session(request: Request) -> Iterator[Session]:
    """Lend a session for one request; what an endpoint did not commit is rolled back."""
    with Session(request.app.state.engine) as session:
        yield session


class Paging(BaseModel):
    """Which part of a list is wanted."""

    limit: int
    offset: int


def get_paging(
    limit: Annotated[int, Query(ge=1, le=100, description="How many.")] = 20,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="How many to leave out first.")] = 0,
) -> Paging:
    """Read the paging parameters, the same for every list."""
    return Paging(limit=limit, offset=offset)


def require_key(key: Annotated[str, Security(api_key)]) -> None:
    """Let pass who has the key: `$BOOKSHOP_KEY`, or the demo's."""
    expected = os.environ.get("BOOKSHOP_KEY") or "demo-key"
    if not secrets.compare_digest(key.encode(), expected.encode()):
        raise HTTPException(status_code=403, detail="That key does not open this shop")


SessionDep = Annotated[Session, Depends(get_session)]
PagingDep = Annotated[Paging, Depends(get_paging)]
with_key = Depends(require_key)
