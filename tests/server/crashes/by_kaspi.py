"""Money that comes by Kaspi and goes back by it: asking, being told, deciding, refunding."""

from collections.abc import Callable

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.payments import asking_again, at_pc, orders, refunds, service
from lovhub.server.payments.orders import Order
from lovhub.server.payments.polling import Poller
from lovhub.server.payments.providers.contract import Event
from lovhub.server.payments.rules import payment_number
from lovhub.server.payments.settling import settle
from lovhub.server.sessions.group_sale import Payer
from lovhub.server.sessions.till import Till
from tests.server.crashes.scene import LastingBank, Scene
from tests.server.crashes.table import Operation, tries

PLAYER = Actor(kind="customer", id=1, name="Ая")


def asked(scene: Scene, key: str = "asked") -> int:
    return service.create_payment(
        scene.club,
        scene.bank,
        customer_id=scene.aya,
        amount_tiyn=500_00,
        key=key,
        actor=scene.cashier,
    )


def paid(scene: Scene, club: ClubContext, amount_tiyn: int = 500_00) -> bytes:
    event = Event("paid", "1:paid", "1", amount_tiyn=amount_tiyn)
    return settle(club, scene.bank, event).body


@tries("payments.service.create_payment", "payments.service.take_created", steps=2, open_end=True)
def ask_for_a_payment(scene: Scene) -> Operation:
    return lambda club: service.create_payment(
        club, scene.bank, customer_id=scene.aya, amount_tiyn=500_00, key="k", actor=scene.cashier
    )


@tries("payments.at_pc._ask", "payments.service.take_created", steps=2, open_end=True)
def a_player_asks_at_the_pc(scene: Scene) -> Operation:
    def ask(club: ClubContext) -> int:
        provider, question, _ = at_pc.ask(
            club, scene.payments, computer_id=scene.pcs[0], customer_id=scene.aya, amount_tiyn=500_00,
            request_id="k", actor=PLAYER,
        )  # fmt: skip
        service.put(club, provider, question)
        return question.payment_id

    return ask


@tries("payments.at_pc.drop")
def a_player_takes_the_question_back(scene: Scene) -> Operation:
    provider, question, _ = at_pc.ask(
        scene.club, scene.payments, computer_id=scene.pcs[0], customer_id=scene.aya, amount_tiyn=500_00,
        request_id="p", actor=PLAYER,
    )  # fmt: skip
    service.put(scene.club, provider, question)
    return lambda club: at_pc.drop(
        club, customer_id=scene.aya, payment_id=question.payment_id, actor=PLAYER
    )


@tries("payments.settling._settle")
def kaspi_says_paid(scene: Scene) -> Operation:
    asked(scene)
    return lambda club: paid(scene, club)


@tries("payments.settling._settle")
def somebody_pays_under_their_number(scene: Scene) -> Operation:
    event = Event(
        "paid", "777:paid", "777", payment_number(scene.aya), amount_tiyn=1_000_00, occurred_at=1
    )
    return lambda club: settle(club, scene.biller, event).body


@tries("payments.settling._settle")
def a_sale_that_waited_for_kaspi(scene: Scene) -> Operation:
    _ordered(scene)(scene.club)
    return lambda club: paid(scene, club, 1_000_00)


@tries("payments.orders.place", "payments.service.take_created", steps=2, open_end=True)
def ask_for_a_sale(scene: Scene) -> Operation:
    return _ordered(scene)


@tries("payments.orders.give_credit")
def give_a_guests_money_to_a_customer(scene: Scene) -> Operation:
    payment = _ordered(scene)(scene.club)
    service.cancel(scene.club, scene.payments, payment_id=payment, actor=scene.cashier)
    paid(scene, scene.club, 1_000_00)
    return lambda club: orders.give_credit(
        club, payment_id=payment, customer_id=scene.aya, actor=scene.owner
    )


@tries("payments.service.record_payment")
def record_what_the_desk_saw(scene: Scene) -> Operation:
    return lambda club: service.record_payment(
        club, scene.manual, customer_id=scene.aya, amount_tiyn=700_00, operation="1234567890", key="k",
        actor=scene.cashier,
    )  # fmt: skip


@tries("payments.service.accept")
def accept_other_figures(scene: Scene) -> Operation:
    payment = asked(scene)
    paid(scene, scene.club, 900_00)
    return lambda club: service.accept(club, payment_id=payment, actor=scene.owner)


@tries("payments.service.cancel", again="payment_not_open", open_end=True)
def take_a_question_back(scene: Scene) -> Operation:
    payment = asked(scene)
    return lambda club: service.cancel(
        club, scene.payments, payment_id=payment, actor=scene.cashier
    )


@tries(
    "payments.service.cancel",
    "payments.service._tell_taken_back",
    again="payment_not_open",
    steps=2,
    open_end=True,
)
def take_a_question_back_while_the_bank_is_mute(scene: Scene) -> Operation:
    payment = asked(scene)
    scene.bank.is_mute = True
    return lambda club: service.cancel(
        club, scene.payments, payment_id=payment, actor=scene.cashier
    )


@tries("payments.refunds._debit", "payments.refunds._take_answer", steps=2, open_end=True)
def give_back(scene: Scene) -> Operation:
    payment = asked(scene)
    paid(scene, scene.club)
    return lambda club: refunds.refund(
        club, scene.payments, payment_id=payment, amount_tiyn=200_00, reason="передумала", key="k",
        actor=scene.owner,
    ).id  # fmt: skip


@tries("payments.refunds.decide_unknown")
def decide_on_a_refund(scene: Scene) -> Operation:
    payment = asked(scene)
    paid(scene, scene.club)
    scene.bank.is_mute = True
    refund = refunds.refund(
        scene.club, scene.payments, payment_id=payment, amount_tiyn=200_00, reason="передумала",
        key="r", actor=scene.owner,
    )  # fmt: skip
    assert refund.state == "unknown"
    return lambda club: refunds.decide_unknown(
        club, refund_id=refund.id, was_done=False, actor=scene.owner
    )


@tries(
    "payments.settling._settle", "payments.polling.Poller._look_at_the_end", steps=2, open_end=True
)
def a_payment_expires(scene: Scene) -> Operation:
    asked(scene)
    scene.clock.advance(600)
    return lambda club: Poller(club, scene.payments).turn()


@tries("payments.asking_again.ask")
def ask_at_night_how_a_payment_stands(scene: Scene) -> Operation:
    payment = asked(scene)
    paid(scene, scene.club)
    answers = LastingBank(scene.bank.file)
    answers.status = Event("paid", "1:paid", "1", amount_tiyn=500_00, refunded_tiyn=0)
    return lambda club: asking_again.ask(club, answers, payment)


def _ordered(scene: Scene) -> Callable[[ClubContext], int]:
    pcs = [scene.pcs[1], scene.pcs[2]]
    till = Till(price_tiyn=1_000_00)
    arguments = {
        "computer_ids": pcs,
        "tariff_id": scene.hour,
        "payer": Payer("kaspi"),
        "till": till,
    }
    order = Order("together", arguments, pcs)
    return lambda club: orders.place(
        club, scene.payments, order, amount_tiyn=1_000_00, customer_id=None, phone="", key="k",
        actor=scene.cashier,
    )  # fmt: skip
