"""The audit: what happened, written in the background after the answer was sent, and read by who has the key."""

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bookshop.depends import PagingDep, SessionDep, with_key
from bookshop.models import AuditRow, Event
from martlet import APIRouter

router = APIRouter(prefix="/audit", tags=["audit"])


def record(engine: Engine, what: str) -> None:
    """Write one row, in a session of its own: the request's is closed by the time this runs."""
    with Session(engine) as session:
        session.add(AuditRow(what=what))
        session.commit()


@router.get("", response_model=list[Event], dependencies=[with_key])
def read_audit(paging: PagingDep, session: SessionDep) -> list[AuditRow]:
    """List what happened, the latest first."""
    newest = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(paging.limit).offset(paging.offset)
    return list(session.exec(newest))
