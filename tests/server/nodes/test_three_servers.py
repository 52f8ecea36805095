"""Three real servers on one PostgreSQL, a hall behind a balancer, and losses. More of them: `make chain`."""

import asyncio
from pathlib import Path

import pytest

import bench.chain
from bench.chain import kill_the_leader, lose, restart_the_database, stall_another
from bench.several_servers import Chain, chain
from tests.support.postgres import running_postgres


# Each of the losses waits a minute before it says what is not as it was.
@pytest.mark.timeout(300)
def test_no_loss_of_a_server_of_its_network_or_of_the_database_takes_anything_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other, each when all is as before: sessions go on, and all is billed and done once (`lose`)."""
    monkeypatch.setattr(bench.chain, "STALL_SECONDS", 0.0)  # only until the hall has gone elsewhere

    async def evening() -> None:
        with running_postgres(durable=True) as postgres:  # of its own: it is killed
            async with chain(tmp_path, postgres, computers_count=6) as found:
                found.between_seconds = 0.3
                await lose(found, lambda: stall_another(found))
                assert leading(found) == [True, False, False]
                await lose(found, lambda: kill_the_leader(found))
                assert sum(leading(found)[1:]) == 1, "one of the others has taken over"
                await lose(found, lambda: restart_the_database(found))
                assert found.topped_up
                assert len(found.commands) > 1

    asyncio.run(evening())


def leading(found: Chain) -> list[bool]:
    """Which of the servers has ever led."""
    return ['"event": "leads"' in server.log for server in found.servers]
