"""Several servers on one PostgreSQL: who is there, which of them has which PC, what they ask of each other."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "node",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("keys_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ahead_ms", BIG, nullable=False),
        sa.Column("waiting", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_node"),
    )
    op.create_table(
        "computer_link",
        sa.Column("computer_id", BIG, nullable=False),
        sa.Column("node_id", BIG, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("lock", sa.String(), nullable=False),
        sa.Column("application_id", BIG, nullable=True),
        sa.Column("commands", sa.JSON(), nullable=False),
        sa.Column("takes_updates", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["computer_id"], ["computer.id"], name="fk_computer_link_computer_id"
        ),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name="fk_computer_link_node_id"),
        sa.PrimaryKeyConstraint("computer_id", name="pk_computer_link"),
    )
    op.create_index("ix_computer_link_node_id", "computer_link", ["node_id"])
    op.create_table(
        "node_letter",
        sa.Column("id", BIG, nullable=False),
        sa.Column("node_id", BIG, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name="fk_node_letter_node_id"),
        sa.PrimaryKeyConstraint("id", name="pk_node_letter"),
    )
    op.create_index("ix_node_letter_node", "node_letter", ["node_id", "id"])
