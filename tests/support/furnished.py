"""A club in which every page has something to show."""

import io
import re

from PIL import Image
from werkzeug.routing import Rule

from lovhub.protocol.views import FoundGame
from lovhub.server.applications import showing as applications
from lovhub.server.backups import service as backups
from lovhub.server.chain import queries as chain
from lovhub.server.chain import sharing
from lovhub.server.customers import service as customers
from lovhub.server.goods import service as goods
from lovhub.server.guest_time import queries as guest_time
from lovhub.server.journal import service as journal
from lovhub.server.libraries.rules import Findings
from lovhub.server.live import HallSession, OpenAlarm, PendingPairing
from lovhub.server.loyalty import promos
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms, PromoTerms
from lovhub.server.moving import service as moving
from lovhub.server.payments import service as payments
from lovhub.server.payments.settings import Payments
from lovhub.server.sessions import codes
from lovhub.server.sessions import service as sessions
from lovhub.server.shifts import service as shifts
from tests.support.bank import Bank
from tests.support.club import OWNER, People, data_folder, found_another_club
from tests.support.staff import StaffMaker
from tests.support.web import WebAdmin, row

QUERIES = {"/admin/counter/": "?pc={computer_id}", "/admin/remote": "?pc={computer_id}"}
"""What some addresses ask for behind the question mark."""


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(file, "PNG")
    return file.getvalue()


def _payment(web: WebAdmin, customer: int) -> int:
    """One that waits, with its code on the screen."""
    bank = Bank()
    web.use(Payments(bank.name, bank, {bank.name: bank}))
    return payments.create_payment(
        web.club, bank, customer_id=customer, amount_tiyn=500_00, key="furnished", actor=OWNER
    )


def _request(web: WebAdmin) -> int:
    """Another club would like to have this one's customers."""
    asking = found_another_club(web.club.database, web.club.clock, club_id=100 + web.club.club_id)
    person = StaffMaker(asking).make("owner", name="Марат")
    sharing.share_customers(asking, of_club_id=web.club.club_id, actor=person)
    with web.club.read() as db:
        return chain.wanted(db, web.club.club_id, web.club.clock.now())[0].id


class Furnished:
    """A club in which every page has something to show, and an address for each of them."""

    def __init__(self, web: WebAdmin, people: People) -> None:
        computer, silent = people.computer("ПК-1"), people.computer("ПК-2")
        customer = people.customer(balance_tiyn=200_000)
        tariff = people.tariff()
        session = sessions.buy(
            web.club,
            computer_id=computer,
            customer_id=customer,
            tariff_id=tariff,
            key="furnished",
            actor=OWNER,
        )
        posting = customers.top_up(
            web.club,
            customer_id=customer,
            amount_tiyn=1_000_00,
            method="cash",
            key="furnished",
            actor=OWNER,
        )
        shift = shifts.open_shift(web.club, counted_tiyn=20_000_00, actor=OWNER)
        good = goods.create(web.club, title="Вода", price_tiyn=300_00, actor=OWNER)
        zone = people.zone()
        web.hall.zones = [zone]
        with web.club.write() as work:
            alarm = journal.raise_alarm(work, "launcher_killed", computer_id=computer)
        playing = HallSession(session, "active", "Ерлан", customer, "1 час", 280, 900, "")
        web.hall.rows = [row(computer, "ПК-1", playing), row(silent, "ПК-2")]
        web.hall.pairings = [PendingPairing("pair", "DESKTOP-9", "192.168.1.9", "123 456", 3)]
        web.hall.alarms = [OpenAlarm(alarm, "launcher_killed", "ПК-1", {}, 5)]
        web.pairings.waiting.add("pair")
        application = people.application()
        applications.set_picture(web.club, application_id=application, sent=_picture(), actor=OWNER)
        group = loyalty.create_group(web.club, name="Друзья", percent=10, actor=OWNER)
        loyalty.set_bonus_terms(web.club, terms=BonusTerms(is_on=True), actor=OWNER)
        promo = promos.create(
            web.club,
            terms=PromoTerms("Лето", "bonus", 500_00, 0, 0, None),
            codes=["SUMMER"],
            actor=OWNER,
        )
        self.samples = {
            "group_id": group,
            "promo_id": promo,
            "bonus_id": loyalty.give_bonus(
                web.club,
                customer_id=customer,
                amount_tiyn=1_00,
                reason="Приз",
                key="bonus",
                actor=OWNER,
            ),
            "hall_id": zone.hall_id,
            "zone_id": zone.zone_id,
            "computer_id": computer,
            "customer_id": customer,
            "posting_id": posting,
            "tariff_id": tariff,
            "session_id": session,
            "alarm_id": alarm,
            "pairing_id": "pair",
            "application_id": application,
            "name": backups.make(web.club, data_folder(web.club), kind="by_hand", actor=OWNER).name,
            "move_id": moving.bring(
                web.club,
                file_name="gizmo.csv",
                content="Логин;Баланс\nsniper;15\nsniper;1".encode(),
                actor=OWNER,
            ),
            "good_id": good,
            "lot_id": self._guests_lot(web, tariff),
            "shift_id": shift,
            "staff_id": web.staff_id("cashier"),
            "staff_session_id": 1,
            "payment_id": _payment(web, customer),
            "refund_id": 1,
            "command_id": "none",
            "request_id": _request(web),
        }
        web.commands.found["none"] = Findings(
            computer,
            ("steam", "epic"),
            (
                FoundGame(
                    "Dota 2", "steam", "steam://rungameid/570", ("dota2.exe",), is_guess=True
                ),
                FoundGame("Rust", "steam", "steam://rungameid/252490"),
            ),
            3,
        )

    @staticmethod
    def _guests_lot(web: WebAdmin, tariff: int) -> int:
        """What a guest has paid for and will play later."""
        codes.sell_seat_code(
            web.club,
            tariff_id=tariff,
            method="cash",
            computer_id=None,
            guest_name="Тимур",
            actor=OWNER,
            key="furnished code",
        )
        with web.club.read() as db:
            return guest_time.page(db, web.club.club_id, now=web.club.clock.now()).rows[0].lot_id

    def address(self, rule: Rule) -> str:
        """The page's address with the samples in it."""
        missing = rule.arguments - self.samples.keys()
        assert not missing, f"{rule.rule}: give a sample of {missing}"
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(self.samples[part[1]]), rule.rule)
        for part, query in QUERIES.items():
            if part in rule.rule:
                address += query.format_map(self.samples)
        return address
