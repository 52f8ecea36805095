"""Three real servers on one PostgreSQL, a hall behind a balancer, and a kill -9. The other losses: `make chain`."""

import asyncio
from pathlib import Path

from bench.chain import chain, kill_the_leader, lose
from tests.support.postgres import PostgresServer


def test_a_server_that_is_killed_takes_nothing_with_it(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    async def evening() -> None:
        async with chain(tmp_path, postgres_server, computers_count=6) as found:
            await lose(found, lambda: kill_the_leader(found))
            leading = ['"event": "leads"' in server.log for server in found.servers]
            assert leading[0]
            assert sum(leading[1:]) == 1, "one of the others has taken over"
            assert found.topped_up
            assert len(found.commands) > 1

    asyncio.run(evening())
