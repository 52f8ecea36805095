"""Who is there, who was first, who leads: several servers on one PostgreSQL."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest

from lovhub.config_loader import ConfigError
from lovhub.server.database import advisory_locks
from lovhub.server.nodes import place as place_module
from lovhub.server.nodes.place import Place
from lovhub.server.nodes.roles import Role
from lovhub.server.refusal import StartRefused, sentence
from tests.support.postgres import PostgresServer
from tests.support.serving import refused, run_lovhub
from tests.support.waiting import WAIT_SECONDS, eventually

CUT = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s"


@pytest.fixture(autouse=True)
def looks_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_module, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(place_module, "LEAVING_SECONDS", 0.5)
    monkeypatch.setattr(place_module, "LOOK_SECONDS", 3600.0)
    monkeypatch.setattr(place_module, "LEASE_SECONDS", 3600.0)
    monkeypatch.setattr(place_module, "SILENT_SECONDS", 3600)


@pytest.fixture
def places(postgres_url: str) -> Iterator[tuple[Place, Place]]:
    with ExitStack() as stack:
        yield stack.enter_context(closing(Place())), stack.enter_context(closing(Place()))


def cut(url: str, place: Place) -> None:
    """As if PostgreSQL had been started anew, or the network had gone."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(CUT, [place._name])


def is_there(url: str, place: Place) -> bool:
    """Whether PostgreSQL still has its connection."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        asked = "SELECT FROM pg_stat_activity WHERE application_name = %s"
        return connection.execute(asked, [place._name]).fetchone() is not None


def both(places: tuple[Place, Place], url: str) -> tuple[Place, Place]:
    first, second = places
    first.enter(url)
    first.be_node(1)
    first.let_others_come()
    second.enter(url)
    second.be_node(2)
    return first, second


def test_the_first_is_alone_until_it_lets_others_come(
    places: tuple[Place, Place], postgres_server: PostgresServer, postgres_url: str
) -> None:
    first, second = places
    first.enter(postgres_url)
    first.enter(postgres_url)  # between two runs of one process
    assert first.is_alone
    with pytest.raises(StartRefused) as told:
        second.enter(postgres_url)
    assert "не пускает других" in (sentence(told.value) or "")
    with postgres_server.database() as another:
        second.enter(another)  # the locks are of a database
        assert second.is_alone
        second.close()
    first.let_others_come()
    second.enter(postgres_url)
    assert not second.is_alone
    assert not first.be_alone()
    second.close()
    assert eventually(first.be_alone)
    with pytest.raises(StartRefused):
        second.enter(postgres_url)


def test_one_leads_and_another_when_it_is_gone(
    places: tuple[Place, Place], postgres_url: str
) -> None:
    first, second = both(places, postgres_url)
    for place in (first, second, first):
        place.look()
    assert (first.leads(), second.leads()) == (True, False)
    cut(postgres_url, first)
    second.look()
    assert second.leads()
    first.look()
    assert not first.leads(), "it was cut off, and hears of it now"
    first.look()
    assert (first.leads(), second.leads()) == (False, True)


def test_each_club_of_a_chain_has_its_first_and_its_leader_and_one_leads_the_database(
    postgres_url: str,
) -> None:
    with ExitStack() as stack:
        arena, arena_too, palace = (
            stack.enter_context(closing(Place(club_id=club_id))) for club_id in (1, 1, 2)
        )
        arena.enter(postgres_url)
        arena.let_others_come()
        palace.enter(postgres_url)
        assert (palace.is_alone, palace.is_first) == (False, True), "its PCs wait for nobody else"
        palace.let_others_come()
        arena_too.enter(postgres_url)
        assert not arena_too.is_first
        for place in (arena, palace, arena_too):
            place.look()
        assert [place.leads() for place in (arena, palace, arena_too)] == [True, True, False]
        assert [place.leads_database() for place in (arena, palace)] == [True, False]
        arena.close()
        # PostgreSQL lets go of a lock a moment after whoever had it is gone.
        eventually(lambda: not is_there(postgres_url, arena))
        for place in (palace, arena_too):
            place.look()
        assert palace.leads()
        assert arena_too.leads()
        assert [place.leads_database() for place in (palace, arena_too)] == [True, False]


def test_who_comes_while_the_first_of_its_club_is_beginning_waits(postgres_url: str) -> None:
    with ExitStack() as stack:
        arena, palace, palace_too = (
            stack.enter_context(closing(Place(club_id=club_id))) for club_id in (1, 2, 2)
        )
        arena.enter(postgres_url)
        arena.let_others_come()
        palace.enter(postgres_url)
        with pytest.raises(StartRefused):
            palace_too.enter(postgres_url)
        palace.let_others_come()
        palace_too.enter(postgres_url)
        assert not palace_too.is_first


def test_who_answers_no_pages_leads_while_nobody_does(postgres_url: str) -> None:
    with ExitStack() as stack:
        channel, another, desk = (
            stack.enter_context(closing(Place(role)))
            for role in (Role.CHANNEL, Role.CHANNEL, Role.PAGES)
        )
        channel.enter(postgres_url)
        channel.be_node(1)
        channel.let_others_come()
        another.enter(postgres_url)
        channel.look()
        another.look()
        assert (channel.leads(), another.leads()) == (True, False)
        with psycopg.connect(postgres_url.replace("+psycopg", "")) as asking:
            asking.execute("SELECT pg_advisory_xact_lock(%s, 1)", [advisory_locks.PAGES])
            channel.look()
        assert channel.leads(), "only who answers pages takes the lead from it"
        desk.enter(postgres_url)
        desk.look()
        assert (channel.leads(), desk.leads()) == (True, False), "nobody is pushed aside"
        for place in (channel, another, desk):
            place.look()
        assert (channel.leads(), another.leads(), desk.leads()) == (False, False, True)
        cut(postgres_url, desk)
        another.look()
        assert another.leads()
        desk.look()
        desk.look()
        another.look()
        desk.look()
        assert (another.leads(), desk.leads()) == (False, True)


def test_who_is_not_answered_leads_no_longer(
    places: tuple[Place, Place], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = both(places, postgres_url)
    first.look()
    assert first.leads()
    monkeypatch.setattr(place_module, "LEASE_SECONDS", 0.0)
    assert not first.leads()


def test_an_answer_that_does_not_come_is_not_waited_for(
    places: tuple[Place, Place], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = both(places, postgres_url)
    first.look()
    monkeypatch.setattr(place_module, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(place_module, "_ALIVE", place_module.text("SELECT pg_sleep(60)"))
    first.look()
    assert not first.leads()
    second.look()  # PostgreSQL may not know yet that the other is gone
    monkeypatch.undo()
    monkeypatch.setattr(place_module, "LOOK_SECONDS", 3600.0)
    began = time.monotonic()
    first.look()
    silent_seconds = first.silent_seconds()
    assert silent_seconds < time.monotonic() - began


def test_postgresql_ends_who_says_nothing(
    places: tuple[Place, Place], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_module, "SILENT_SECONDS", 1)
    first, second = both(places, postgres_url)
    first.look()
    monkeypatch.setattr(place_module, "SILENT_SECONDS", 3600)

    def takes_over() -> bool:
        second.look()
        return second.leads()

    assert eventually(takes_over)


def test_whether_a_node_lives_its_lock_tells(
    places: tuple[Place, Place], postgres_url: str
) -> None:
    first, second = both(places, postgres_url)
    with second.instead_of(1) as is_gone:
        assert not is_gone
    cut(postgres_url, first)
    with second.instead_of(1) as is_gone:
        assert is_gone
        first.look()  # hears that it was cut
        first.look()
        assert first._held is None, "whoever looks whether it is gone keeps it away"
    first.look()
    with second.instead_of(1) as is_gone:
        assert not is_gone, "it is back under its number"


def test_a_node_that_is_looked_for_as_it_comes_has_its_lock_all_the_same(
    places: tuple[Place, Place], postgres_url: str
) -> None:
    first, second = both(places, postgres_url)
    with ThreadPoolExecutor() as pool:
        with first.instead_of(3) as is_gone:
            assert is_gone
            coming = pool.submit(second.be_node, 3)
            wait([coming], timeout=0.2)
        coming.result()
    with first.instead_of(3) as is_gone:
        assert not is_gone


def test_whoever_begins_anew_under_another_number_is_gone_as_the_earlier_node(
    places: tuple[Place, Place], postgres_url: str
) -> None:
    first, second = both(places, postgres_url)
    second.be_node(3)
    with first.instead_of(2) as is_gone:
        assert is_gone, "else its PCs would be linked to it for ever"
    with first.instead_of(3) as is_gone:
        assert not is_gone


def test_whoever_was_cut_off_as_it_let_others_come_lets_them_come(
    places: tuple[Place, Place], postgres_url: str
) -> None:
    first, second = places
    first.enter(postgres_url)
    first.be_node(1)
    cut(postgres_url, first)
    first.let_others_come()
    first.look()
    first.look()
    second.enter(postgres_url)
    assert not second.is_alone


def test_an_answer_vouches_for_when_it_was_asked_for(
    places: tuple[Place, Place], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that stood still after its question finds the answer when PostgreSQL has long given up on it."""
    first, _ = both(places, postgres_url)
    first.look()
    monkeypatch.setattr(place_module, "LEASE_SECONDS", 0.2)
    monkeypatch.setattr(place_module, "_ALIVE", place_module.text("SELECT pg_sleep(0.2)"))
    first.look()
    assert not first.leads()


def test_a_look_that_fails_is_not_the_last(
    places: tuple[Place, Place], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = places
    looks: list[int] = []
    looked_again = threading.Event()

    def look() -> None:
        looks.append(1)
        if len(looks) > 1:
            looked_again.set()
        raise ValueError

    monkeypatch.setattr(place_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(first, "look", look)
    first.enter(postgres_url)
    assert looked_again.wait(WAIT_SECONDS)


def test_nothing_is_restored_under_servers_that_run(
    places: tuple[Place, Place], postgres_url: str, tmp_path: Path
) -> None:
    both(places, postgres_url)
    (tmp_path / "config.ini").write_text(f"[Database]\nUrl = {postgres_url}\n", encoding="utf-8")
    backup = tmp_path / "backup.dump"
    backup.write_bytes(b"PGDMP")
    done = run_lovhub("backup", "restore", str(backup), "--data", str(tmp_path), "--without-keys")
    assert "остановите их все" in refused(done)


def test_an_embedded_database_has_the_lock_of_its_folder(tmp_path: Path) -> None:
    for _ in range(2):
        place = Place()
        place.enter(f"sqlite:///{tmp_path}/lovhub.sqlite3")
        assert (place.is_alone, place.be_alone(), place.leads()) == (True, True, True)
        assert (place.node_id, place.silent_seconds()) == (None, 0.0)
    with pytest.raises(ConfigError):
        Place().enter("nonsense")


def test_no_two_kinds_of_locks_have_one_number() -> None:
    """A registry would wait for the server that leads to end, and no day of the bank be kept while one runs."""
    numbers = [one for one in vars(advisory_locks).values() if isinstance(one, int)]
    assert numbers
    assert len({*numbers}) == len(numbers)
