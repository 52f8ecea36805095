"""Servers that take upon themselves only PCs, or only pages."""

import asyncio
import http.client
from pathlib import Path

from sqlalchemy import select

from bench.several_servers import chain, until
from lovhub.server.nodes.models import ComputerLink
from lovhub.server.nodes.roles import Role
from tests.support.postgres import PostgresServer
from tests.support.serving import refused, run_lovhub


def test_pcs_are_linked_at_one_server_and_served_by_the_desk_at_the_other(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    """Each PC is sent away from the desk's server when its balancer leads it there, and all can be reached from it."""

    async def evening() -> None:
        roles = (Role.CHANNEL, Role.PAGES)
        async with chain(tmp_path, postgres_server, computers_count=4, roles=roles) as found:
            for_pcs, desk = found.servers
            with found.club.read() as db:
                at = set(db.scalars(select(ComputerLink.node_id)))
                assert len(at) == 1
            for path in ("/admin/login", "/api/v1/computers", "/payments/kaspi", "/nothing"):
                answer = await asyncio.to_thread(for_pcs.get, path)
                assert answer.status == http.client.MISDIRECTED_REQUEST, path
            for path in ("/healthz", "/readyz"):
                for server in found.servers:
                    assert (await asyncio.to_thread(server.get, path)).status == http.client.OK
            assert (await asyncio.to_thread(desk.get, "/api/heartbeat")).status == (
                http.client.MISDIRECTED_REQUEST
            )
            for computer_id in found.computer_ids:
                message = {"text": "Привет"}
                path = f"/computers/{computer_id}/messages"
                await asyncio.to_thread(found.ask, desk.port, "POST", path, message)
            await until(lambda: len(found.commands) == len(found.computer_ids))
            assert set(found.commands.values()) == {1}
            await until(lambda: '"event": "leads"' in desk.log)
            assert "/setup?token=" not in for_pcs.program.output
            assert "Роль channel" in for_pcs.program.output

    asyncio.run(evening())


def test_one_server_with_its_own_database_does_everything(tmp_path: Path) -> None:
    done = run_lovhub("serve", "--data", str(tmp_path), "--host", "127.0.0.1", "--role", "channel")
    assert "уберите ключ --role" in refused(done)
