"""Runs migrations inside the transaction that `database.migrate` hands over."""

from alembic import context

from lovhub.server.database.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # Batch mode rebuilds tables on SQLite and silently drops their triggers: never for the ledger's.
    render_as_batch=False,
    compare_type=True,
)
context.run_migrations()
