"""What all tables have in common."""

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase

from lovhub.server.database.sealed_tables import ROW_SEAL, SEALED

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, so that errors can be told apart and migrations can find them."""

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key. SQLite fills in only a key column that is called INTEGER (64-bit there all the same)."""


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {int: BigInteger().with_variant(Integer, "sqlite")}  # noqa: RUF012 (SQLAlchemy's name)

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        if cls.__tablename__ in SEALED:
            # Beside the model, which knows nothing of it: the database seals rows by itself.
            cls.metadata.tables[cls.__tablename__].append_column(Column(ROW_SEAL, LargeBinary))
