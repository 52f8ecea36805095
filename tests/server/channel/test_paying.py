"""A player pays at the PC: the real hub, the QR API's wire, and the bank of the demonstration behind it."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.protocol.channel import Answer, CustomerChanged
from lovhub.protocol.questions import CancelTopUp, SignIn, SignOut, TopUp
from lovhub.protocol.views import CustomerView, PaymentView, PayView
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.ledger.check import check_ledger
from lovhub.server.payments import polling
from lovhub.server.payments.models import Payment
from lovhub.server.payments.polling import Poller
from lovhub.server.payments.providers.http import HttpClient
from lovhub.server.payments.providers.kaspi_qr import KaspiQrProvider
from lovhub.server.payments.settings import Payments
from lovhub.simulator.bank.command import Bank
from tests.server.channel.conftest import ChannelServer, PairPc, Pc, run, welcomed
from tests.support.club import OWNER
from tests.support.databases import each_database as database_url
from tests.support.served_bank import bank

__all__ = ["bank", "database_url"]


@pytest.fixture
def payments(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Payments:
    monkeypatch.setattr(polling, "POLL_SECONDS", 30.0)  # so long waits a turn for its answers
    http = HttpClient(f"http://127.0.0.1:{bank.server_port}/r3/v01")
    qr = KaspiQrProvider(http, scheme="r3", device_token="device", name="fake")
    return Payments("fake", qr, {qr.name: qr})


@pytest.fixture
def channel(club: ClubContext, tmp_path: Path, payments: Payments) -> Iterator[ChannelServer]:
    with ChannelServer(club, tmp_path, payments) as server:
        yield server


class Player:
    """The customer «sniper» at a PC."""

    def __init__(self, pc: Pc) -> None:
        self._pc = pc
        self._number = 0
        self.view: CustomerView | None = None

    async def ask(self, frame: object) -> str:
        """Say it, take in what is told meanwhile, and give the answer."""
        await self._pc.say(frame)  # type: ignore[arg-type]
        while not isinstance(heard := await self._pc.hear(), Answer):
            self._take_in(heard)
        return heard.code

    async def sign_in(self) -> PayView:
        assert await self.ask(SignIn(self._next(), "sniper", "длинный пароль")) == "ok"
        return self.pay

    async def top_up(self, amount_tiyn: int) -> str:
        return await self.ask(TopUp(self._next(), amount_tiyn))

    async def until(self, true: Callable[[PayView], object]) -> PayView:
        """Listen until it is so."""
        while not true(self.pay):
            self._take_in(await self._pc.hear())
        return self.pay

    @property
    def pay(self) -> PayView:
        assert self.view is not None
        assert self.view.pay is not None
        return self.view.pay

    @property
    def asked(self) -> PaymentView:
        assert self.pay.asked is not None
        return self.pay.asked

    def _take_in(self, frame: object) -> None:
        if isinstance(frame, CustomerChanged):
            self.view = frame.customer

    def _next(self) -> str:
        self._number += 1
        return f"r{self._number}"


def _register(club: ClubContext) -> int:
    return customers.register(
        club, login="sniper", name="Ерлан", phone="", password="длинный пароль", actor=OWNER
    )


def _states(club: ClubContext) -> list[str]:
    with club.read() as db:
        return list(db.scalars(select(Payment.state).order_by(Payment.id)))


def test_a_player_asks_scans_and_has_it_and_what_comes_late_comes_too(
    channel: ChannelServer, pair_pc: PairPc, bank: Bank, payments: Payments, clock: ManualClock
) -> None:
    club = channel.club
    _register(club)
    poller = Poller(club, payments)

    async def work() -> None:
        first, second = await pair_pc(), await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, first)
            player = Player(pc)
            pay = await player.sign_in()
            assert (pay.way, pay.smallest_tiyn, pay.asked) == ("code", 100_00, None)
            assert 1_000_00 in pay.amounts_tiyn
            assert [await player.top_up(tiyn) for tiyn in (99_00, 100_50, 100_001_00)] == [
                "amount_out_of_range"
            ] * 3

            assert await player.top_up(500_00) == "ok"
            await player.until(lambda pay: pay.asked is not None and pay.asked.code)
            [bill] = bank.bills.newest()
            assert bill.amount == Decimal(500)
            assert await player.top_up(500_00) == "ok"  # the same question
            assert len(bank.bills.newest()) == 1

            async with channel.socket() as elsewhere:  # it is there at another PC as well
                await welcomed(elsewhere, second)
                other = Player(elsewhere)
                await other.sign_in()
                assert other.asked == player.asked
                await other.ask(SignOut("out"))

            # Another amount takes its place; the first, paid all the same, is money.
            assert await player.top_up(1_000_00) == "ok"
            await player.until(lambda pay: pay.asked and pay.asked.state == "waiting")
            assert _states(club) == ["cancelled", "pending"]
            bank.bills.pay(bill)
            clock.advance(20)
            poller.turn()
            pay = await player.until(lambda pay: pay.paid)
            assert pay.paid is not None
            assert (pay.paid.amount_tiyn, pay.paid.late) == (500_00, True)
            assert player.asked.amount_tiyn == 1_000_00

            bank.bills.pay(bank.bills.newest()[0])
            clock.advance(5)
            poller.turn()
            pay = await player.until(lambda pay: pay.asked is None)
            assert player.view is not None
            assert player.view.balance_tiyn == 1_500_00
            assert pay.paid is not None
            assert (pay.paid.amount_tiyn, pay.paid.late) == (1_000_00, False)

    run(work)
    assert _states(club) == ["paid", "paid"]
    with club.read() as db:
        assert check_ledger(db) == []


def test_it_is_cancelled_runs_out_finds_no_bank_and_is_not_asked_for_ever(
    channel: ChannelServer, pair_pc: PairPc, bank: Bank, payments: Payments, clock: ManualClock
) -> None:
    club = channel.club
    _register(club)
    poller = Poller(club, payments)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await pc.say(TopUp("early", 500_00))
            assert (await pc.hear_a(Answer)).code == "not_signed_in"
            player = Player(pc)
            await player.sign_in()

            assert await player.top_up(500_00) == "ok"
            await player.until(lambda pay: pay.asked and pay.asked.state == "waiting")
            assert await player.ask(CancelTopUp("c", player.asked.payment_id)) == "ok"
            assert player.pay.asked is None
            assert await player.ask(CancelTopUp("d", 999)) == "payment_not_open"

            assert await player.top_up(500_00) == "ok"
            await player.until(lambda pay: pay.asked and pay.asked.state == "waiting")
            clock.advance(151)
            poller.turn()
            await player.until(lambda pay: pay.asked and pay.asked.state == "expired")
            assert player.asked.code is None

            bank.bills.lose_next_answer()
            assert await player.top_up(500_00) == "ok"
            await player.until(lambda pay: pay.asked and pay.asked.state == "unknown")
            assert await player.top_up(500_00) == "ok"
            await player.until(lambda pay: pay.asked and pay.asked.state == "waiting")
            assert await player.top_up(700_00) == "ok"
            assert await player.top_up(800_00) == "too_many_attempts"
            clock.advance(600)
            assert await player.top_up(800_00) == "ok"

    run(work)
