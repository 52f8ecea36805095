"""How often the codes of a promotion were used is read from an index alone."""

from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_promo_code_promo_id", "promo_code")
    op.create_index("ix_promo_code_promo", "promo_code", ["promo_id", "used"])
