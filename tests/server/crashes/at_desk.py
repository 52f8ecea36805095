"""Money at the desk: balances, shifts, goods, bonuses, codes, moving in."""

from lovhub.server.context import ClubContext
from lovhub.server.customers import forgetting, forgiving, reversal
from lovhub.server.customers import service as customers
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.journal import sealing as log_sealing
from lovhub.server.ledger import sealing
from lovhub.server.lots import expiry
from lovhub.server.loyalty import mistakes, promos
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import PromoTerms
from lovhub.server.minors import service as minors
from lovhub.server.moving import rules as moving_rules
from lovhub.server.moving import service as moving
from lovhub.server.sessions import service as sessions
from lovhub.server.shifts import service as shifts
from lovhub.server.shifts.service import Count
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.server.crashes.scene import Scene
from tests.server.crashes.table import Operation, tries


def topped_up(scene: Scene) -> int:
    return customers.top_up(
        scene.club, customer_id=scene.aya, amount_tiyn=2_000_00, method="cash", key="before",
        actor=scene.cashier,
    )  # fmt: skip


@tries("customers.service.register", again="invalid_fields")
def register(scene: Scene) -> Operation:
    return lambda club: customers.register(
        club, login="newcomer", name="Новый", phone="", password="пароль-1", actor=scene.cashier
    )


@tries("customers.service.top_up")
def top_up_with_a_bonus(scene: Scene) -> Operation:
    return lambda club: customers.top_up(
        club,
        customer_id=scene.aya,
        amount_tiyn=2_000_00,
        method="cash",
        key="k",
        actor=scene.cashier,
    )


@tries("customers.service.top_up")
def top_up_of_somebody_who_plays_by_the_minute(scene: Scene) -> Operation:
    scene.plays(tariff=scene.minutes)
    return top_up_with_a_bonus(scene)


@tries("customers.reversal.take_back")
def take_back_a_top_up(scene: Scene) -> Operation:
    posting = topped_up(scene)
    return lambda club: reversal.take_back(
        club, customer_id=scene.aya, posting_id=posting, reason="ошибка", actor=scene.owner
    )


@tries("customers.service.give_time")
def give_time(scene: Scene) -> Operation:
    scene.plays()
    return lambda club: customers.give_time(
        club,
        customer_id=scene.aya,
        seconds=600,
        title="+10",
        reason="сеть",
        key="k",
        actor=scene.owner,
    )


@tries("customers.service.change_details")
def change_details(scene: Scene) -> Operation:
    scene.plays()
    return lambda club: customers.change_details(
        club,
        customer_id=scene.aya,
        name="Ая",
        phone="",
        birth_date="2000-05-01",
        actor=scene.cashier,
    )


@tries("minors.service.confirm_age", open_end=True)
def confirm_age(scene: Scene) -> Operation:
    scene.plays()
    return lambda club: minors.confirm_age(
        club, customer_id=scene.aya, birth_date="2000-05-01", document="id_card", actor=scene.owner
    )


@tries("customers.forgetting.forget", again="customer_unknown")
def forget(scene: Scene) -> Operation:
    return lambda club: forgetting.forget(
        club, customer_id=scene.erlan, fate="pay_out", reason="просьба", expected_tiyn=2_000_00,
        actor=scene.owner,
    )  # fmt: skip


@tries("customers.forgiving.forgive")
def forgive(scene: Scene) -> Operation:
    club = scene.club
    poor = scene.people.customer(name="Должник")
    session = sessions.buy(
        club, computer_id=scene.pcs[2], customer_id=poor, tariff_id=scene.minutes, key="debt",
        actor=scene.cashier, in_debt=True,
    )  # fmt: skip
    scene.clock.advance(1800)
    sessions.end(club, session_id=session, actor=scene.cashier, reason="ended_by_desk")
    return lambda club: forgiving.forgive(
        club, customer_id=poor, expected_tiyn=150_00, reason="знакомый", key="k", actor=scene.owner
    )


@tries("loyalty.service.give_bonus")
def give_bonus(scene: Scene) -> Operation:
    return lambda club: loyalty.give_bonus(
        club, customer_id=scene.aya, amount_tiyn=200_00, reason="ждала", key="k", actor=scene.owner
    )


@tries("loyalty.mistakes.take_back")
def take_back_a_bonus(scene: Scene) -> Operation:
    posting = loyalty.give_bonus(
        scene.club,
        customer_id=scene.aya,
        amount_tiyn=200_00,
        reason="ждала",
        key="b",
        actor=scene.owner,
    )
    return lambda club: mistakes.take_back(
        club, customer_id=scene.aya, posting_id=posting, reason="не той", actor=scene.owner
    )


@tries("loyalty.promos._use")
def use_a_promo_code(scene: Scene) -> Operation:
    scene.plays()
    terms = PromoTerms("Открытие", "time", 0, 1800, scene.clock.now(), None)
    promos.create(scene.club, terms=terms, codes=["OPENING"], actor=scene.owner)
    return lambda club: promos.use(
        club, customer_id=scene.aya, code="opening", key="k", actor=scene.cashier
    )


@tries("goods.service._sell")
def sell_goods(scene: Scene) -> Operation:
    return lambda club: goods.sell(
        club,
        lines=[Line(scene.cola, 2)],
        method="cash",
        expected_tiyn=1_000_00,
        key="k",
        actor=scene.cashier,
    )


@tries("goods.service.take_back")
def take_back_goods(scene: Scene) -> Operation:
    posting = goods.sell(
        scene.club, lines=[Line(scene.cola, 1)], method="cash", expected_tiyn=500_00, key="g",
        actor=scene.cashier,
    )  # fmt: skip
    return lambda club: goods.take_back(
        club, posting_id=posting, reason="не та", actor=scene.cashier
    )


@tries("shifts.service.pay")
def take_money_out_of_the_drawer(scene: Scene) -> Operation:
    return lambda club: shifts.pay(
        club, is_out=True, amount_tiyn=1_500_00, reason="вода", key="k", actor=scene.cashier
    )


@tries("shifts.service.close")
def close_a_shift(scene: Scene) -> Operation:
    count = Count(9_000_00, 4_000_00)
    return lambda club: shifts.close(club, shift_id=scene.shift, count=count, actor=scene.cashier)


@tries("shifts.service.open_shift", again="shift_open_already")
def open_a_shift(scene: Scene) -> Operation:
    shifts.close(scene.club, shift_id=scene.shift, count=Count(10_000_00), actor=scene.cashier)
    return lambda club: shifts.open_shift(club, counted_tiyn=9_900_00, actor=scene.cashier)


@tries("lots.expiry.expire_due", steps=2)
def expire_what_is_over(scene: Scene) -> Operation:
    """Each lot is a transaction of its own: the next turn of the job finds those that are left."""
    terms = Terms("Пакет", 3600, 300_00, "bundle", valid_days=1, rest_rule="refunded")
    bundle = tariffs.create(scene.club, terms=terms, actor=scene.owner)
    for person, computer in ((scene.aya, scene.pcs[0]), (scene.erlan, scene.pcs[1])):
        session = sessions.buy(
            scene.club, computer_id=computer, customer_id=person, tariff_id=bundle, key=f"b {person}",
            actor=scene.cashier,
        )  # fmt: skip
        sessions.end(scene.club, session_id=session, actor=scene.cashier, reason="ended_by_desk")
    scene.clock.advance(3 * 24 * 3600)
    return expiry.expire_due


@tries("ledger.sealing.seal")
def seal(scene: Scene) -> Operation:
    scene.plays()
    return lambda club: sealing.seal(club) * 0


@tries("journal.sealing.seal")
def seal_the_log(scene: Scene) -> Operation:
    scene.plays()
    return lambda club: log_sealing.seal(club, {"event": 10_000}) * 0


@tries("moving.service.bring_in")
def move_in(scene: Scene) -> Operation:
    file = "Логин;Имя;Телефон;Баланс;Часы\nsniper;Алёна;;1500;2\nghost;;;0;\n".encode()
    move = moving.bring(scene.club, file_name="old.csv", content=file, actor=scene.owner)
    return lambda club: moving.bring_in(club, move_id=move, actor=scene.owner)


@tries("moving.service.bring_in", "moving.service.carry_on", steps=3)
def move_in_by_parts(scene: Scene) -> Operation:
    """A long file comes in by parts, each a transaction: whatever is left after a death is brought in by the job."""
    file = "Логин;Баланс\n" + "".join(f"gamer{number};1\n" for number in range(3))
    move = moving.bring(scene.club, file_name="old.csv", content=file.encode(), actor=scene.owner)

    def all_in(club: ClubContext) -> None:
        usual, moving_rules.PART_CUSTOMERS = moving_rules.PART_CUSTOMERS, 1
        try:
            moving.bring_in(club, move_id=move, actor=scene.owner)
            moving.carry_on(club)
            moving.carry_on(club)
        finally:
            moving_rules.PART_CUSTOMERS = usual

    return all_in


@tries("moving.service.take_back")
def move_out_again(scene: Scene) -> Operation:
    file = "Логин;Баланс;Часы\nsniper;1500;2\n".encode()
    move = moving.bring(scene.club, file_name="old.csv", content=file, actor=scene.owner)
    moving.bring_in(scene.club, move_id=move, actor=scene.owner)
    return lambda club: moving.take_back(club, move_id=move, actor=scene.owner)
