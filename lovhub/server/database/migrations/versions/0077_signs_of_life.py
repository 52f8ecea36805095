"""When PCs were last heard is kept for many of them in one row: each row that is written costs its seal."""

import sqlalchemy as sa
from alembic import op

from lovhub.server.database import row_seals

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

COMPUTERS_IN_A_ROW = 256
SIGNS = ("club_id", "part", "seen")
COMPUTER = (
    "id", "hostname", "journal_id", "journal_number", "boot_id", "agent_version", "operating_system", "last_address",
    "said_goodbye", "memory_lasts", "is_guarded",
)  # fmt: skip


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    signs = op.create_table(
        "signs_of_life",
        sa.Column("club_id", number, nullable=False),
        sa.Column("part", number, nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["club_id"], ["club.id"], name=op.f("fk_signs_of_life_club_id_club")
        ),
        sa.PrimaryKeyConstraint("club_id", "part", name=op.f("pk_signs_of_life")),
    )
    for statement in row_seals.create_statements(dialect, "signs_of_life", SIGNS):
        op.execute(statement)
    rows: dict[tuple[int, int], dict[str, int]] = {}
    for club_id, computer_id, at in op.get_bind().execute(
        sa.text(
            "SELECT club_id, id, last_seen_at FROM computer WHERE last_seen_at IS NOT NULL ORDER BY id"
        )
    ):
        part = computer_id // COMPUTERS_IN_A_ROW
        rows.setdefault((club_id, part), {})[str(computer_id)] = at
    op.bulk_insert(
        signs,
        [
            {"club_id": club_id, "part": part, "seen": seen}
            for (club_id, part), seen in rows.items()
        ],
    )
    # Under the seals that are there, so that who was edited stays found: what is NULL is in none.
    op.execute("UPDATE computer SET last_seen_at = NULL WHERE last_seen_at IS NOT NULL")
    if dialect == "sqlite":
        op.execute("DROP TRIGGER computer_sealed_new")
        op.execute("DROP TRIGGER computer_sealed_anew")
    else:
        op.execute("DROP TRIGGER computer_sealed ON computer")
        op.execute("DROP FUNCTION lovhub_seal_row_of_computer()")
    op.drop_column("computer", "last_seen_at")
    for statement in row_seals.create_statements(dialect, "computer", COMPUTER):
        op.execute(statement)
