"""How Alembic reaches the database: by the address that the service uses, in one transaction."""

from alembic import context
from sqlalchemy import create_engine

from parcels.database import Base, url_from_environment


def migrate() -> None:
    """Run the migrations that are missing, or none of them where one fails."""
    with create_engine(url_from_environment()).connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            # Two that deploy at once do not both migrate; the lock ends with the transaction.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7061726365)")
            context.run_migrations()


migrate()
