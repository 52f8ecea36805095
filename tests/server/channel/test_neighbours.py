"""Two servers on one PostgreSQL: what one has, the other shows and may ask."""

import asyncio
import io
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from PIL import Image
from sqlalchemy import delete, select

from lovhub.clock import ManualClock
from lovhub.protocol.channel import (
    Bye,
    Command,
    CommandResult,
    Error,
    Heartbeat,
    Paired,
    ReportedSession,
    SessionChanged,
    Welcome,
)
from lovhub.server.applications import service as applications
from lovhub.server.bus import Bus, LinkChanged, News, NewsMissed
from lovhub.server.channel import neighbours as neighbours_module
from lovhub.server.context import ClubContext
from lovhub.server.database.engine import Database
from lovhub.server.errors import OperationRefused
from lovhub.server.nodes import place as place_module
from lovhub.server.nodes import queries, service
from lovhub.server.nodes.bus import bus_of
from lovhub.server.nodes.models import ComputerLink, NodeLetter
from lovhub.server.nodes.place import Place
from lovhub.server.pc.models import PcCommand
from lovhub.server.refusal import StartRefused, sentence
from lovhub.server.remote.rules import Order
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from tests.server.channel.conftest import ChannelServer, eventually, row, run, welcomed
from tests.support.club import CASHIER, OWNER, People, found_club


class Node:
    """One of several servers, with all that a process of its own would have."""

    def __init__(self, club: ClubContext, url: str, folder: Path, stack: ExitStack) -> None:
        self.place = stack.enter_context(closing(Place()))
        self.place.enter(url)
        database = stack.enter_context(closing(Database(url)))
        bus = stack.enter_context(closing(bus_of(url)))
        bus.start()
        self.club = replace(club, database=database, bus=bus, links=type(club.links)())
        is_first = self.place.is_alone
        self.place.be_node(service.join(self.club, name=folder.name, is_first=is_first))
        self.place.let_others_come()
        self.place.look()
        folder.mkdir()
        self.channel = stack.enter_context(ChannelServer(self.club, folder, place=self.place))
        self.hub = self.channel.hub
        self.stops = 0
        self.hub.neighbours.jobs(self._stop)

    def _stop(self) -> None:
        self.stops += 1

    def look(self) -> None:
        """What its thread does every second."""
        self.place.look()
        self.hub.neighbours.look()


@pytest.fixture
def nodes(
    migrated_postgres_url: str,
    tmp_path: Path,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Node, Node]]:
    monkeypatch.setattr(place_module, "LOOK_SECONDS", 3600.0)
    monkeypatch.setattr(place_module, "LEASE_SECONDS", 3600.0)
    monkeypatch.setattr(place_module, "SILENT_SECONDS", 3600)
    monkeypatch.setattr(neighbours_module, "CUT_OFF_SECONDS", 3600.0)
    monkeypatch.setattr(neighbours_module, "TURN_SECONDS", 0.05)
    club = found_club(migrated_postgres_url, clock)
    with ExitStack() as stack:
        first = Node(club, migrated_postgres_url, tmp_path / "a", stack)
        second = Node(club, migrated_postgres_url, tmp_path / "b", stack)
        yield first, second
    club.database.close()


async def pair(nodes: tuple[Node, Node], here: Node, approved_at: Node) -> Paired:
    """Pair a PC by one of the servers; both know it then."""
    async with here.channel.socket() as pc:
        code, _ = await pc.pair()
        await eventually(lambda: approved_at.hub.hall.snapshot().pairings)
        waiting = approved_at.hub.hall.snapshot().pairings[0]
        assert waiting.code == code
        await asyncio.to_thread(approved_at.hub.pairings.approve, waiting.pairing_id, OWNER, "ПК-1")
        paired = await pc.hear_a(Paired)
    for node in nodes:
        await eventually(partial(knows, node, paired.computer_id))
    return paired


def knows(node: Node, computer_id: int) -> bool:
    return any(row.computer_id == computer_id for row in node.hub.hall.snapshot().rows)


def state_of(node: Node, paired: Paired) -> str:
    """Of the session that goes on there."""
    with node.club.read() as db:
        return db.scalars(
            select(PlaySession.state).where(
                PlaySession.computer_id == paired.computer_id, PlaySession.state != "ended"
            )
        ).one()


def picture() -> bytes:
    """Of a PC's screen."""
    file = io.BytesIO()
    Image.new("RGB", (32, 18), "blue").save(file, "JPEG")
    return file.getvalue()


def seat(node: Node, people: People, paired: Paired) -> int:
    return sessions.seat_guest(
        node.club,
        computer_id=paired.computer_id,
        tariff_id=people.tariff(),
        method="cash",
        guest_name="Гость",
        actor=CASHIER,
        key="guest",
    )


def test_a_pc_is_paired_by_a_desk_at_another_server(nodes: tuple[Node, Node]) -> None:
    first, second = nodes

    async def evening() -> None:
        paired = await pair(nodes, first, second)
        assert paired.computer_name == "ПК-1"
        await eventually(lambda: not second.hub.hall.snapshot().pairings)
        async with first.channel.socket() as pc:
            await pc.pair()
            await eventually(second.hub.pairings.pending)
            waiting = second.hub.pairings.pending()[0]
            with pytest.raises(OperationRefused) as refused:
                await asyncio.to_thread(
                    second.hub.pairings.approve, waiting.pairing_id, OWNER, "ПК-1"
                )
            assert refused.value.code == "name_taken"
            await eventually(second.hub.pairings.pending)
            await asyncio.to_thread(second.hub.pairings.refuse, waiting.pairing_id, OWNER)
            assert (await pc.hear_a(Error)).code == "pairing_refused"
        with pytest.raises(OperationRefused):
            second.hub.pairings.approve("nobody", OWNER)

    run(evening)


def test_a_pc_elsewhere_is_shown_as_it_is_and_may_be_asked(nodes: tuple[Node, Node]) -> None:
    first, second = nodes

    async def evening() -> None:
        paired = await pair(nodes, first, first)
        people = People(second.club)
        game = applications.create(
            second.club,
            title="CS 2",
            kind="game",
            exe_path="C:\\cs2.exe",
            arguments=[],
            actor=OWNER,
        )
        async with first.channel.socket() as pc:
            await welcomed(pc, paired, commands=("message", "screenshot"))
            await eventually(lambda: row(second.channel, paired.computer_id).link == "linked")
            await pc.say(Heartbeat(seq=1, lock="unlocked", application_id=game))
            await eventually(lambda: row(second.channel, paired.computer_id).lock == "unlocked")
            await eventually(lambda: row(second.channel, paired.computer_id).application == "CS 2")

            session_id = await asyncio.to_thread(seat, second, people, paired)
            assert (await pc.hear_a(SessionChanged)).session.session_id == session_id
            await eventually(lambda: row(first.channel, paired.computer_id).session)

            command_id = await asyncio.to_thread(
                second.hub.commands.send_message, paired.computer_id, "Закрываемся", OWNER
            )
            asked = await pc.hear_a(Command)
            assert (asked.command_id, asked.text) == (command_id, "Закрываемся")
            first.hub.commands.answered(paired.computer_id + 1, CommandResult(command_id, ok=False))
            await pc.say(CommandResult(command_id, ok=True))

            def state() -> str:
                with first.club.read() as db:
                    return db.scalars(
                        select(PcCommand.state).where(PcCommand.command_id == command_id)
                    ).one()

            await eventually(lambda: state() == "done")
            sent = await asyncio.to_thread(
                second.hub.commands.send, {paired.computer_id: Order("screenshot")}, OWNER
            )
            command_id = sent[paired.computer_id]
            assert (await pc.hear_a(Command)).kind == "screenshot"
            await pc.say(CommandResult(command_id, ok=False, detail="screen_locked"))
            await eventually(lambda: state() == "failed")
            sent = await asyncio.to_thread(
                second.hub.commands.send, {paired.computer_id: Order("screenshot")}, OWNER
            )
            command_id = sent[paired.computer_id]
            assert (await pc.hear_a(Command)).command_id == command_id
            await pc.say(CommandResult(command_id, ok=True, picture=picture()))
            await eventually(lambda: state() == "done")
            assert second.hub.commands.screenshot(command_id, OWNER.id)
            assert not first.hub.commands.screenshot(command_id, OWNER.id), "others never had it"
        await eventually(lambda: row(second.channel, paired.computer_id).link == "lost")
        await eventually(lambda: state_of(second, paired) == "unreachable")
        with pytest.raises(OperationRefused) as refused:
            second.hub.commands.send_message(paired.computer_id, "Есть кто?", OWNER)
        assert refused.value.code == "computer_silent"

    run(evening)


def test_a_pc_that_goes_to_another_server_goes_on_playing(nodes: tuple[Node, Node]) -> None:
    first, second = nodes

    async def evening() -> None:
        paired = await pair(nodes, first, first)
        people = People(first.club)
        async with first.channel.socket() as before:
            await welcomed(before, paired)
            session_id = await asyncio.to_thread(seat, first, people, paired)
            async with second.channel.socket() as pc:
                played = ReportedSession(session_id, 1, 0, "boot-1", 0)
                assert (await welcomed(pc, paired, session=played)).session is not None
                assert (await before.hear_a(Error)).code == "replaced"
                await before.websocket.wait_closed()
                await eventually(lambda: paired.computer_id not in first.hub.connections)
                await eventually(lambda: paired.computer_id in first.hub.presence.elsewhere())
                assert state_of(first, paired) == "active"
                assert first.hub.presence.is_linked(paired.computer_id)
            async with first.channel.socket() as back:
                played = ReportedSession(session_id, 1, 0, "boot-1", 0)
                await welcomed(back, paired, session=played)
                await eventually(lambda: paired.computer_id not in second.hub.connections)
                await eventually(lambda: state_of(first, paired) == "active")

    run(evening)


def test_a_session_that_began_over_a_link_that_nobody_has_falls_silent_with_it(
    nodes: tuple[Node, Node],
) -> None:
    first, second = nodes

    async def evening() -> None:
        paired = await pair(nodes, first, first)
        people = People(first.club)
        async with first.channel.socket() as pc:
            await welcomed(pc, paired)
            await asyncio.to_thread(seat, first, people, paired)
            with (
                second.club.write() as work
            ):  # the PC was there and left again, and nobody here has heard of it
                work.db.execute(delete(ComputerLink))
        await eventually(lambda: state_of(first, paired) == "unreachable")

    run(evening)


def test_who_missed_news_looks_for_pcs_whatever_becomes_of_the_rest(
    nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = nodes

    def fails() -> None:
        raise OSError

    async def evening() -> None:
        paired = await pair(nodes, second, second)
        async with second.channel.socket() as pc:
            await welcomed(pc, paired)
            await eventually(lambda: row(first.channel, paired.computer_id).link == "linked")
            with second.club.write() as work:
                work.db.execute(delete(ComputerLink))
            monkeypatch.setattr(first.hub.hall, "load", fails)
            first.hub.newsroom.hear(NewsMissed())
            await eventually(lambda: row(first.channel, paired.computer_id).link == "lost")

    run(evening)


def test_a_server_that_has_died_is_buried_and_one_that_has_not_begins_anew(
    nodes: tuple[Node, Node], migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = nodes
    monkeypatch.setattr(neighbours_module, "DEAD_SECONDS", 0.0)

    async def evening() -> None:
        paired = await pair(nodes, second, second)
        people = People(first.club)
        async with second.channel.socket() as pc:
            await welcomed(pc, paired)
            await asyncio.to_thread(seat, second, people, paired)
            before = second.place.node_id
            await asyncio.to_thread(first.look)
            assert state_of(first, paired) == "active", "it lives"
            with psycopg.connect(
                migrated_postgres_url.replace("+psycopg", ""), autocommit=True
            ) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE application_name = %s",
                    [second.place._name],
                )
            await asyncio.to_thread(first.look)
            assert state_of(first, paired) == "unreachable"
            await eventually(lambda: row(first.channel, paired.computer_id).link == "lost")
            # It was deaf for a moment only, and hears that it counts as dead.
            await asyncio.to_thread(second.place.look)
            await asyncio.to_thread(second.place.look)
            await asyncio.to_thread(second.hub.neighbours.look)
            assert (await pc.hear_a(Bye)).reconnect_after_seconds > 0
            assert second.place.node_id != before
        async with second.channel.socket() as pc:
            await welcomed(pc, paired)
            await eventually(lambda: row(first.channel, paired.computer_id).link == "linked")
        assert (first.stops, second.stops) == (0, 0)

    run(evening)


def test_who_postgresql_does_not_answer_sends_pcs_away(
    nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = nodes

    async def evening() -> None:
        paired = await pair(nodes, first, first)
        async with first.channel.socket() as pc:
            await welcomed(pc, paired)
            await asyncio.to_thread(first.look)
            monkeypatch.setattr(neighbours_module, "CUT_OFF_SECONDS", -1.0)
            await pc.hear_a(Bye)
        async with first.channel.socket() as pc:
            await pc.hear_a(Bye)

    run(evening)


def test_only_of_own_pcs_that_are_seen_otherwise_is_told(nodes: tuple[Node, Node]) -> None:
    first, second = nodes
    club, people = first.club, People(first.club)
    own, same, others = (people.computer() for _ in range(3))
    shown = service.Shown("10.0.0.5", "locked", [], takes_updates=False)
    for node, computer_id in ((first, own), (first, same), (second, others)):
        service.take_link(
            club, node_id=node.place.node_id or 0, computer_id=computer_id, shown=shown
        )
    told: list[News] = []
    alone = replace(club, bus=Bus())
    alone.bus.listen(told.append)
    service.note_sights(
        alone,
        node_id=first.place.node_id or 0,
        sights={own: ("unlocked", 9), same: ("locked", None), others: ("unlocked", None)},
    )
    assert told == [LinkChanged(own)]
    with club.read() as db:
        found = {row.computer_id: (row.lock, row.application_id) for row in queries.links(db, 1)}
    assert found == {own: ("unlocked", 9), same: ("locked", None), others: ("locked", None)}


def test_what_could_not_be_told_is_told_later(
    nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = nodes
    note_sights, tries = service.note_sights, 0

    def fail_once(club: ClubContext, **told: Any) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OSError("PostgreSQL is away")
        note_sights(club, **told)

    async def evening() -> None:
        paired = await pair(nodes, first, first)
        async with first.channel.socket() as pc:
            await welcomed(pc, paired)
            await eventually(lambda: paired.computer_id in second.hub.presence.elsewhere())
            monkeypatch.setattr(service, "note_sights", fail_once)
            await pc.say(Heartbeat(seq=1, lock="unlocked"))
            await eventually(
                lambda: second.hub.presence.sight(paired.computer_id).lock == "unlocked"
            )

    run(evening)
    assert tries > 1


def test_a_letter_is_sealed_and_read_once(nodes: tuple[Node, Node]) -> None:
    first, second = nodes
    other = service.join(first.club, name="a third", is_first=False)
    service.send_letter(first.club, to_node_id=other, content="Закрываемся".encode())
    with first.club.read() as db:
        (sealed,) = db.scalars(select(NodeLetter.sealed).where(NodeLetter.node_id == other))
    assert "Закрываемся".encode() not in sealed
    stranger = replace(second.club, secret_key=b"another club's")
    assert service.take_letters(second.club, other) == ["Закрываемся".encode()]
    assert service.take_letters(second.club, other) == []
    service.send_letter(stranger, to_node_id=other, content=b"{}")
    assert service.take_letters(second.club, other) == [], "nobody of the club has written it"


def test_only_servers_of_one_club_and_one_time_come_together(
    nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = nodes
    with pytest.raises(StartRefused) as told:
        service.join(replace(first.club, secret_key=b"another"), name="x", is_first=False)
    assert "identity.pem" in (sentence(told.value) or "")
    monkeypatch.setattr(service, "MOST_APART_MS", -1)
    with pytest.raises(StartRefused) as told:
        service.join(first.club, name="x", is_first=False)
    assert "NTP" in (sentence(told.value) or "")


def test_the_welcome_waits_for_nobody_elsewhere(nodes: tuple[Node, Node]) -> None:
    """The hall comes back to two servers at once, and each PC is welcomed once."""
    first, second = nodes

    async def evening() -> None:
        paired = await pair(nodes, first, first)
        async with first.channel.socket() as one, second.channel.socket() as other:
            await asyncio.gather(one.hello(paired), other.hello(paired))
            await asyncio.gather(one.hear_a(Welcome), other.hear_a(Welcome))
            await eventually(
                lambda: (
                    (paired.computer_id in first.hub.connections)
                    != (paired.computer_id in second.hub.connections)
                )
            )

    run(evening)
