"""Which address a PC tries next, and whom it asks of those that are found."""

import asyncio
import random
import threading
from pathlib import Path

import pytest

from lovhub.agent.search import ServerFound
from lovhub.agent.settings import Address
from lovhub.agent.store import FileStore, IdentityStore, MemoryStore
from lovhub.agent.whereabouts import (
    MOST_FOUND_AT_A_TIME,
    SEARCH_AFTER_SECONDS,
    SEARCH_AGAIN_SECONDS,
    Whereabouts,
)
from lovhub.clock import ManualClock

A, B, C = Address("10.0.0.1"), Address("10.0.0.2"), Address("10.0.0.3")
CLUB = ServerFound("Клуб", (A, B))
NEIGHBOUR = ServerFound("Сосед", (C,))


class Pc:
    """A PC in a network where `network` announce themselves."""

    def __init__(
        self, *given: Address, store: IdentityStore | None = None, chance: int | None = None
    ) -> None:
        self.network: list[ServerFound] = []
        self.searches = 0
        self.clock = ManualClock()
        self.whereabouts = Whereabouts(
            given,
            store or MemoryStore(),
            self._search,
            random.Random(chance),
            self.clock.monotonic,
        )

    def _search(self, _stop: threading.Event) -> list[ServerFound]:
        self.searches += 1
        return self.network

    def next(self, *, is_proven: bool = True) -> Address | None:
        return asyncio.run(self.whereabouts.next(is_proven=is_proven))

    def fails(self, times: int = 1) -> None:
        for _ in range(times):
            self.next()
            self.whereabouts.failed()

    def tries(self, times: int) -> list[Address | None]:
        tried = []
        for _ in range(times):
            tried.append(self.next())
            self.whereabouts.failed()
        return tried


def test_a_given_address_is_tried_again_and_again_and_nothing_else_while_it_answers() -> None:
    pc = Pc(A)
    pc.network = [NEIGHBOUR]
    pc.whereabouts.reached()
    assert pc.next() == A
    assert pc.tries(3) == [A, A, A]
    assert pc.searches == 0


def test_each_pc_tries_several_given_addresses_in_an_order_of_its_own() -> None:
    orders = {tuple(Pc(A, B, C, chance=number).tries(3)) for number in range(40)}
    assert len(orders) == 6
    assert all(set(order) == {A, B, C} for order in orders)


def test_where_it_was_welcomed_it_goes_first_after_a_lost_link_and_then_on_to_the_others() -> None:
    pc = Pc(A, B, chance=1)
    first = pc.next()
    pc.fails()
    second = pc.next()
    pc.whereabouts.reached()
    assert pc.tries(3) == [second, first, second]


def test_a_server_that_has_moved_is_looked_for_once_it_has_been_away_for_a_while() -> None:
    pc = Pc(C)
    pc.network = [CLUB]
    pc.fails(2)
    assert pc.searches == 0
    pc.clock.advance(SEARCH_AFTER_SECONDS)
    assert pc.tries(4) == [A, B, C, A]
    assert pc.searches == 1
    pc.clock.advance(SEARCH_AGAIN_SECONDS)
    pc.fails()
    assert pc.searches == 2


def test_many_who_announce_themselves_keep_no_pc_from_a_server_that_is_back_where_it_was() -> None:
    pc = Pc(C)
    strangers = [Address(f"10.0.1.{number}") for number in range(2 * MOST_FOUND_AT_A_TIME)]
    pc.network = [ServerFound(str(address), (address,)) for address in strangers]
    pc.fails()
    pc.clock.advance(SEARCH_AFTER_SECONDS)
    first, second = strangers[:MOST_FOUND_AT_A_TIME], strangers[MOST_FOUND_AT_A_TIME:]
    round_of_all = [*first, C, *second, C]
    assert pc.tries(len(round_of_all)) == round_of_all
    pc.clock.advance(SEARCH_AGAIN_SECONDS)
    assert pc.tries(len(round_of_all)) == round_of_all
    assert pc.searches == 2


def find_instead_of_c(folder: Path) -> None:
    pc = Pc(C, store=FileStore(folder))
    pc.network = [CLUB]
    pc.fails()
    pc.clock.advance(SEARCH_AFTER_SECONDS)
    assert pc.next() == A
    pc.whereabouts.reached()


def test_where_it_was_found_is_remembered_and_tried_first_while_the_given_address_is_the_same(
    tmp_path: Path,
) -> None:
    find_instead_of_c(tmp_path)
    assert Pc(C, store=FileStore(tmp_path)).tries(3) == [A, C, A]
    assert Pc(B, store=FileStore(tmp_path)).tries(3) == [B, A, B]


def test_a_given_address_that_answers_again_is_believed_again(tmp_path: Path) -> None:
    find_instead_of_c(tmp_path)
    pc = Pc(C, store=FileStore(tmp_path))
    pc.fails()
    assert pc.next() == C
    pc.whereabouts.reached()
    assert Pc(C, store=FileStore(tmp_path)).tries(2) == [C, C]


def test_the_only_server_of_the_network_is_asked_by_a_pc_that_knows_nothing() -> None:
    pc = Pc()
    assert pc.next(is_proven=False) is None
    pc.network = [CLUB]
    assert pc.next(is_proven=False) == A
    assert pc.whereabouts.is_found_only(A)
    pc.whereabouts.reached()
    assert not pc.whereabouts.is_found_only(A)


def test_of_several_none_is_asked_until_somebody_chooses() -> None:
    pc = Pc()
    pc.network = [CLUB, NEIGHBOUR]
    assert pc.next(is_proven=False) is None
    assert pc.whereabouts.to_choose == (CLUB, NEIGHBOUR)
    pc.whereabouts.choose("10.9.9.9:5000")
    assert pc.next(is_proven=False) is None
    pc.whereabouts.choose(str(C))
    assert pc.next(is_proven=False) == C
    assert pc.whereabouts.to_choose == ()


def test_a_choice_holds_while_the_chosen_one_is_there() -> None:
    pc = Pc()
    pc.network = [CLUB, NEIGHBOUR]
    pc.next(is_proven=False)
    pc.whereabouts.choose(str(C))
    pc.whereabouts.failed()
    pc.clock.advance(SEARCH_AGAIN_SECONDS)
    assert pc.next(is_proven=False) == C
    pc.network = [CLUB, ServerFound("Чужой", (Address("10.0.0.4"),))]
    pc.whereabouts.failed()
    pc.clock.advance(SEARCH_AGAIN_SECONDS)
    assert pc.next(is_proven=False) is None
    assert pc.whereabouts.to_choose == tuple(pc.network)


def test_a_pc_that_knows_the_key_asks_them_all() -> None:
    pc = Pc()
    pc.network = [CLUB, NEIGHBOUR]
    assert pc.tries(3) == [A, B, C]
    assert pc.whereabouts.to_choose == ()


def test_a_pc_that_was_told_where_and_has_no_key_to_know_another_by_looks_nowhere_else() -> None:
    pc = Pc(C)
    pc.network = [CLUB]
    for _ in range(3):
        assert pc.next(is_proven=False) == C
        pc.whereabouts.failed()
        pc.clock.advance(SEARCH_AFTER_SECONDS)
    assert pc.searches == 0


def test_who_is_told_to_end_ends_the_search() -> None:
    stops: list[threading.Event] = []
    begun = asyncio.Event()
    loop = asyncio.new_event_loop()

    def search(stop: threading.Event) -> list[ServerFound]:
        stops.append(stop)
        loop.call_soon_threadsafe(begun.set)
        assert stop.wait(20)
        return []

    async def scene() -> None:
        looking = asyncio.create_task(Whereabouts([], None, search).next(is_proven=True))
        await begun.wait()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking

    loop.run_until_complete(scene())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    assert stops[0].is_set()
