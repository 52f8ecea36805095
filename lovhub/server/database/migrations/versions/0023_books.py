"""The books by zone: where time was sold and where it was played; days summed up.

What was sold and played before counts where its PC stands now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    # Alembic adds no column with a foreign key to a table of SQLite, which itself can.
    big = "INTEGER" if is_sqlite else "BIGINT"
    for table in ("lot", "play_session"):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN zone_id {big} CONSTRAINT fk_{table}_zone_id REFERENCES zone (id)"
        )
    op.execute(
        "UPDATE play_session SET zone_id = (SELECT zone_id FROM computer WHERE computer.id = play_session.computer_id)"
    )
    lot_id = "json_extract(event.data, '$.lot_id')" if is_sqlite else "(event.data ->> 'lot_id')"
    op.execute(
        # Nothing but our own words.
        f"UPDATE lot SET zone_id = sold.zone_id FROM (SELECT CAST({lot_id} AS {big}) AS lot_id,"  # noqa: S608
        " computer.zone_id FROM event JOIN computer ON computer.id = event.computer_id"
        " WHERE event.kind = 'time.sold') AS sold WHERE sold.lot_id = lot.id"
    )
    op.create_table(
        "book_day",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("day_at", BIG, nullable=False),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_book_day_club_id")),
        sa.PrimaryKeyConstraint("club_id", "day_at", name=op.f("pk_book_day")),
    )
