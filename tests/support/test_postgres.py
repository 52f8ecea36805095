import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.support.postgres import PostgresServer


def scalar(url: str, statement: str) -> object:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return connection.execute(text(statement)).scalar_one()


def execute(url: str, statement: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement))


def test_a_test_gets_an_empty_database(postgres_url: str) -> None:
    assert scalar(postgres_url, "select count(*) from pg_stat_user_tables") == 0


def test_the_server_listens_on_no_network_address(postgres_url: str) -> None:
    assert scalar(postgres_url, "show listen_addresses") == ""


def test_a_template_is_prepared_once_and_its_copies_are_independent(
    postgres_server: PostgresServer,
) -> None:
    prepared = []

    def prepare(url: str) -> None:
        prepared.append(url)
        execute(url, "create table seat (number integer primary key)")

    for _ in range(2):
        template = postgres_server.template("hall", prepare)
        with postgres_server.database(template) as url:
            execute(url, "insert into seat values (1)")
            assert scalar(url, "select count(*) from seat") == 1

    assert len(prepared) == 1


def test_a_database_is_gone_after_its_block_even_with_a_connection_open(
    postgres_server: PostgresServer,
) -> None:
    with postgres_server.database() as sqlalchemy_url:
        url = sqlalchemy_url.replace("postgresql+psycopg", "postgresql")
        left_open = psycopg.connect(url)

    with pytest.raises(psycopg.OperationalError, match="terminating connection"):
        left_open.execute("select 1")
    left_open.close()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)
