"""The Smart POS on the desk, against the terminal of the bank that is none, over its own wire."""

from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.payments.providers.contract import OutcomeUnknown, Rejected, Wanted
from lovhub.server.payments.providers.http import HttpClient
from lovhub.server.payments.providers.kaspi_pos import KaspiPosProvider, TokenFile
from lovhub.simulator.bank.command import Bank
from tests.support.served_bank import bank

__all__ = ["bank"]


@pytest.fixture
def pos(bank: Bank, folder: Path, clock: ManualClock) -> KaspiPosProvider:
    return KaspiPosProvider(
        HttpClient(f"http://127.0.0.1:{bank.server_port}"),
        tokens=TokenFile(folder / "kaspi-pos.json"),
        monotonic=clock.monotonic,
    )


def test_a_payment_goes_to_the_terminal_is_paid_and_goes_back_the_same_way(
    bank: Bank, pos: KaspiPosProvider
) -> None:
    made = pos.create(Wanted("lov-1", 500_00))
    assert (made.qr_payload, made.provider_ref.endswith(":lov-1")) == ("", True)
    with pytest.raises(Rejected) as busy:
        pos.create(Wanted("lov-2", 100_00))
    assert busy.value.code == "terminal_busy"
    assert pos.fetch(made.provider_ref, "lov-1").kind == "pending"
    [bill] = bank.bills.newest()
    bank.terminal.unsure.add(str(bill.id))
    bank.bills.pay(bill)
    assert pos.fetch(made.provider_ref, "lov-1").kind == "pending"  # unknown is never failed
    event = pos.fetch(made.provider_ref, "lov-1")  # it has found out
    assert (event.kind, event.provider_ref, event.amount_tiyn) == (
        "paid",
        made.provider_ref,
        None,
    )
    refunded = pos.refund(made.provider_ref, 200_00, "r1")
    assert refunded.state == "pending"  # it ends at the terminal: a person says so
    assert bill.returned == 200
    refused = pos.create(Wanted("lov-3", 100_00))
    bank.bills.cancel(bank.bills.newest()[0])
    assert pos.fetch(refused.provider_ref, "lov-3").kind == "failed"


def test_only_whole_tenge_and_no_second_try(bank: Bank, pos: KaspiPosProvider) -> None:
    with pytest.raises(Rejected) as fraction:
        pos.create(Wanted("lov-1", 500_50))
    assert fraction.value.code == "payment_whole_tenge"
    pos.create(Wanted("lov-0", 100_00))
    bank.bills.cancel(bank.bills.newest()[0])
    bank.bills.lose_next_answer()
    with pytest.raises(OutcomeUnknown):
        pos.create(Wanted("lov-1", 500_00))
    assert len(bank.bills.newest()) == 2  # it was done there, and is not asked for again
    with pytest.raises(OutcomeUnknown):
        pos.fetch("", "lov-1")
    with pytest.raises(OutcomeUnknown):
        pos.fetch("999:lov-9", "lov-9")


def test_the_terminal_lets_in_whom_a_person_allowed_and_goes_on_doing_so(
    bank: Bank, pos: KaspiPosProvider, folder: Path
) -> None:
    bank.terminal.allows = False
    with pytest.raises(Rejected) as refused:
        pos.create(Wanted("lov-1", 100_00))
    assert refused.value.code == "terminal_not_allowed"
    bank.terminal.allows = True
    made = pos.create(Wanted("lov-1", 100_00))
    assert (folder / "kaspi-pos.json").stat().st_mode & 0o077 == 0
    bank.terminal.allows = False  # from here on nobody stands at the terminal
    for _day in range(2):
        bank.terminal.forget()
        assert pos.fetch(made.provider_ref, "lov-1").kind == "pending"
    (folder / "kaspi-pos.json").write_text("not tokens")
    with pytest.raises(Rejected):
        pos.fetch(made.provider_ref, "lov-1")


def test_a_terminal_that_gives_a_token_and_does_not_take_it_lets_nobody_in(
    bank: Bank, pos: KaspiPosProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = bank.terminal.answer

    def forgetful(address: str, token: str) -> object:
        bank.terminal.forget()
        return answer(address, token)

    monkeypatch.setattr(bank.terminal, "answer", forgetful)
    with pytest.raises(Rejected) as refused:
        pos.create(Wanted("lov-1", 100_00))
    assert refused.value.code == "terminal_not_allowed"


def test_it_is_asked_to_find_out_every_ten_seconds_at_most(
    bank: Bank, pos: KaspiPosProvider, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = pos.create(Wanted("lov-1", 100_00))
    asked: list[str] = []
    find_out = bank.terminal.answer

    def watched(address: str, token: str) -> object:
        asked.append(address.split("?", maxsplit=1)[0])
        if "actualize" in address:  # it does not know yet
            return find_out(address.replace("actualize", "status"), token)
        return find_out(address, token)

    monkeypatch.setattr(bank.terminal, "answer", watched)
    bank.terminal.unsure.add(made.provider_ref.partition(":")[0])
    for seconds in (0, 1, 8, 1, 1):
        clock.advance(seconds)
        assert pos.fetch(made.provider_ref, "lov-1").kind == "pending"
    assert asked.count("/v2/actualize") == 2
