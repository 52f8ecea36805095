"""A crowd at the door of a real server, more than it has file handles: PCs and people do not notice."""

import resource
import socket
from contextlib import ExitStack
from pathlib import Path

from websockets.sync.client import ClientConnection

from lovhub.protocol.channel import Ack, Heartbeat, ServerHello, Welcome, client_codec
from lovhub.server.computers import service as computers_service
from tests.server.command.test_running import _club, _hear_a, _hello
from tests.support.club import OWNER
from tests.support.serving import Serving

HANDLES = 512
CROWD = 700


def test_a_crowd_that_begins_no_handshake_stops_no_heartbeat_and_no_page(folder: Path) -> None:
    club = _club(folder)
    paired = computers_service.pair(club, hostname="DESKTOP-1", public_key=bytes(32), actor=OWNER)
    club.database.close()
    server = Serving(folder)
    resource.prlimit(server.program.process.pid, resource.RLIMIT_NOFILE, (HANDLES, HANDLES))

    def linked(stack: ExitStack) -> ClientConnection:
        pc = stack.enter_context(server.channel())
        _hear_a(pc, ServerHello)
        pc.send(client_codec.encode(_hello(paired)).decode())
        _hear_a(pc, Welcome)
        return pc

    with ExitStack() as club_evening:
        pc = linked(club_evening)
        with ExitStack() as crowd:
            for _ in range(CROWD):
                crowd.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            for number in range(20):
                pc.send(client_codec.encode(Heartbeat(seq=number, lock="locked")).decode())
                _hear_a(pc, Ack)
            assert server.get("/admin/login").status == 200
            linked(club_evening)  # a PC that comes back
    assert server.end() == 0
    assert "Traceback" not in server.log
