"""Two desks at two servers, which are processes of their own: what one sells, the other does not sell again."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

from sqlalchemy import func, select

from bench.several_servers import Chain, chain
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import DeskPosting
from lovhub.server.nodes.roles import Role
from lovhub.server.sessions.models import PlaySession
from tests.support.club import People
from tests.support.postgres import PostgresServer

PRICE = 500_00
TOP_UPS = 12


def at_once(found: Chain, ask: Callable[[int], tuple[str, dict[str, Any]]]) -> list[str]:
    """What each desk is answered: "" or the refusal's code; each at a server of its own, both press together."""
    ready = Barrier(len(found.servers))

    def press(number: int) -> str:
        path, said = ask(number)
        ready.wait(10)
        try:
            found.ask(found.servers[number].port, "POST", path, said)
        except LookupError as refused:
            return str(refused.args[0]["error"]["code"])
        return ""

    with ThreadPoolExecutor(len(found.servers)) as threads:
        return sorted(threads.map(press, range(len(found.servers))))


def press_and_look(found: Chain) -> None:
    people = People(found.club)
    people._number = 100
    customer, tariff = people.customer(), people.tariff(price_tiyn=PRICE)
    paid = {"amount_tiyn": PRICE, "method": "cash"}
    sits = {"tariff_id": tariff, "night_leave": "adult"}  # whatever the hour is
    # The same press reaches both servers: it is one payment.
    top_ups = f"/customers/{customer}/top-ups"
    assert at_once(found, lambda _number: (top_ups, {**paid, "key": "one-press"})) == ["", ""]
    assert people.balance_tiyn(customer) == PRICE
    # One balance, two PCs, money for one.
    for computer_id in found.computer_ids:
        with found.club.read() as db:
            session_id = db.scalar(
                select(PlaySession.id).where(PlaySession.computer_id == computer_id)
            )
        found.ask(found.servers[0].port, "POST", f"/sessions/{session_id}/end")
    told = at_once(
        found,
        lambda number: (
            f"/computers/{found.computer_ids[number]}/customers",
            {**sits, "customer_id": customer, "key": f"sits-{number:05}"},
        ),
    )
    assert told in (["", "already_elsewhere"], ["", "not_enough_money"])
    assert people.balance_tiyn(customer) == 0
    # One free PC, two guests.
    with found.club.read() as db:
        busy = db.scalar(select(PlaySession.computer_id).where(PlaySession.state == "active"))
    free = next(one for one in found.computer_ids if one != busy)

    guest = {**sits, "method": "cash", "price_tiyn": PRICE}
    told = at_once(
        found, lambda number: (f"/computers/{free}/guests", {**guest, "key": f"guest-{number:04}"})
    )
    assert told == ["", "computer_busy"]
    # One top-up, taken back at both.
    posting = found.ask(found.servers[0].port, "POST", top_ups, {**paid, "key": "a-mistake"})
    taken_back = (f"{top_ups}/{posting['posting_id']}/reversal", {"reason": "ошибка"})
    told = at_once(found, lambda _number: taken_back)
    assert told[0] == ""
    assert people.balance_tiyn(customer) == 0
    # A queue at both.
    with ThreadPoolExecutor(4) as threads:
        for number in range(TOP_UPS):
            port = found.servers[number % 2].port
            threads.submit(found.ask, port, "POST", top_ups, {**paid, "key": f"queue-{number:04}"})
    assert people.balance_tiyn(customer) == TOP_UPS * PRICE


def test_two_desks_at_two_servers_sell_nothing_twice(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    async def evening() -> None:
        roles = (Role.ALL, Role.ALL)
        async with chain(tmp_path, postgres_server, computers_count=2, roles=roles) as found:
            await asyncio.to_thread(press_and_look, found)
            with found.club.read() as db:
                assert check_ledger(db) == []
                numbers = select(DeskPosting.receipt_number).where(
                    DeskPosting.receipt_number.is_not(None)
                )
                receipts = sorted(db.scalars(numbers))
                played = db.scalar(
                    select(func.count())
                    .where(PlaySession.state == "active")
                    .select_from(PlaySession)
                )
            assert receipts == list(range(1, len(receipts) + 1)), (
                "no number is missing, none is twice"
            )
            assert played == 2

    asyncio.run(evening())
