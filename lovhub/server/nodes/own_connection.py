"""Connections to PostgreSQL beside the pool, for what a process holds or hears as long as it lives."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from lovhub.config_loader import ConfigError
from lovhub.server.database.engine import HEAR_OF_SILENCE, KEEPALIVES


def is_postgresql(url: str) -> bool:
    """Whether this is no embedded database; raises ConfigError for what is no address of one."""
    try:
        return make_url(url).get_backend_name() != "sqlite"
    except (ArgumentError, ValueError) as error:
        raise ConfigError("database_url") from error


def own_engine(url: str, name: str) -> Engine:
    """Makes connections that belong to whoever asked, known to PostgreSQL by `name`; raises ConfigError.

    Each statement is a transaction.
    """
    options: dict[str, Any] = {**KEEPALIVES, "application_name": name}
    try:
        return create_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args=options,
        )
    except (ArgumentError, ValueError) as error:
        raise ConfigError("database_url") from error


def hear_of_silence(connection: Connection) -> None:
    """Have PostgreSQL notice that this computer went dark; raises DBAPIError."""
    connection.exec_driver_sql(HEAR_OF_SILENCE)
