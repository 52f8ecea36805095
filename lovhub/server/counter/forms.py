"""Forms of the counter: selling at one PC and at several, giving time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from lovhub.server.customers.forms import METHODS
from lovhub.server.sessions.forms import (
    LONGEST_REASON,
    DespiteKept,
    NightLeave,
    OtherZone,
    SeatForm,
    TariffField,
    words_of,
)
from lovhub.server.sessions.parts import IN_PARTS, Part, cash_of
from lovhub.server.sessions.till import Till, TopUp
from lovhub.server.tariffs.rules import Goods
from lovhub.server.web import current
from lovhub.server.web.forms import Form, MoneyField, OperationKeyField, choices
from lovhub.server.web.texts import PAYMENT_METHODS

LONGEST_GUEST_NAME = 40

FROM_BALANCE = ("balance", PAYMENT_METHODS["balance"])
SPLIT = (IN_PARTS, PAYMENT_METHODS[IN_PARTS])
IN_DEBT = ("debt", _l("В долг"))
FROM_PAYERS_BALANCE = ("balance", _l("С баланса клиента"))
FROM_OWN = ("own", _l("С баланса каждого"))

REASONS = (
    ("network", _l("Пропадала сеть")),
    ("hung", _l("Завис ПК")),
    ("other", _l("Другое")),
)
"""Why time is given, ready-made; for the last, people write their own words."""


class OptionalMoneyField(MoneyField):
    """An amount that may be left empty: `data` is None then."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the amount, if there is one."""
        if valuelist and str(valuelist[0]).strip():
            super().process_formdata(valuelist)
        else:
            self.data = None


@dataclass(frozen=True)
class Offered:
    """A tariff that is sold at all chosen PCs. `zones`: its price in each of their zones, and how many are there."""

    goods: Goods
    zones: tuple[tuple[int | None, int, int], ...]

    def shown(self) -> tuple[str, str, tuple[tuple[int | None, int, int], ...], bool]:
        """What a page shows of it: its number, its words, its prices, and whether it is paid for as it is played."""
        dearest = max(price for _, price, _ in self.zones)
        by_minute = self.goods.terms.kind == "per_minute"
        return str(self.goods.tariff_id), words_of(self.goods, dearest), self.zones, by_minute


def _written(rows: Mapping[int, Sequence[tuple[int | None, int, int]]]) -> str:
    return msgspec.json.encode(rows).decode()


class PricesField(HiddenField):
    """Carries the prices that the page showed, zone by zone, so that what the button said is what moves."""

    def offer(self, offered: Sequence[Offered]) -> None:
        """The prices as they are now. What was posted stays readable by `shown`."""
        self.data = _written({one.goods.tariff_id: one.zones for one in offered})

    def shown(self, tariff_id: int) -> dict[int | None, tuple[int, int]]:
        """The price that was shown for a tariff in each zone, and for how many PCs; {} if the page did not say."""
        try:
            rows = json.loads((self.raw_data or [""])[0])[str(tariff_id)]
            return {zone: (int(price), int(count)) for zone, price, count in rows}
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return {}


class SharesField(HiddenField):
    """Carries what the page showed of each of several PCs: its price, and what of it its customer's bonuses pay."""

    def offer(self, shares: Mapping[int, Sequence[tuple[int, int, int]]]) -> None:
        """Of each tariff: the PC, its price, the bonuses. What was posted stays readable by `shown`."""
        self.data = _written(shares)

    def shown(self, tariff_id: int) -> dict[int, tuple[int, int]]:
        """What was shown for a tariff; {} if the page did not say."""
        try:
            rows = json.loads((self.raw_data or [""])[0])[str(tariff_id)]
            return {int(pc): (int(price), int(bonus)) for pc, price, bonus in rows}
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return {}


class TillForm(SeatForm):
    """One of a tariff for money. `received` is the cash handed over; a bill in parts names each of them.

    `by_minute`: which of the tariffs are paid for as they are played, by customers.
    """

    by_minute: Sequence[int] = ()

    tariff = TariffField(_l("Тариф"))
    method = RadioField(
        _l("Способ оплаты"),
        choices=[*choices([FROM_BALANCE]), *METHODS, *choices([SPLIT])],
        default="cash",
    )
    part_cash = OptionalMoneyField(_l("Наличными"))
    part_card = OptionalMoneyField(_l("Картой"))
    part_kaspi = OptionalMoneyField(_l("Через Kaspi"))
    received = OptionalMoneyField(_l("Получено"))
    operation = StringField(_l("Номер операции Kaspi"))
    phone = StringField(_l("Телефон в Kaspi"))
    prices = PricesField("")
    key = OperationKeyField()

    def offer(self, offered: Sequence[Offered], *, none: str = "") -> None:
        """Fill in what is sold here and now."""
        dearest = {one.goods.tariff_id: max(price for _, price, _ in one.zones) for one in offered}
        self.tariff.offer([one.goods for one in offered], none=none, dearest=dearest)
        self.prices.offer(offered)
        self.by_minute = [
            one.goods.tariff_id for one in offered if one.goods.terms.kind == "per_minute"
        ]

    def price_tiyn(self) -> int | None:
        """The sum that stood in the button."""
        shown = self.prices.shown(self.tariff.tariff_id())
        return sum(price * count for price, count in shown.values()) if shown else None

    def prices_by_zone(self) -> dict[int | None, int] | None:
        """The price that was shown for each zone."""
        shown = self.prices.shown(self.tariff.tariff_id())
        return {zone: price for zone, (price, _) in shown.items()} or None

    def parts(self) -> tuple[Part, ...]:
        """In which ways it is paid, where in several."""
        if self.method.data != IN_PARTS:
            return ()
        fields = {"cash": self.part_cash, "card": self.part_card, "kaspi": self.part_kaspi}
        return tuple(Part(method, field.data) for method, field in fields.items() if field.data)

    def paid_tiyn(self, amount_tiyn: int) -> int:
        """What of an amount is cash."""
        if self.method.data == IN_PARTS:
            return cash_of(self.parts())
        return amount_tiyn if self.method.data == "cash" else 0

    def received_tiyn(self) -> int | None:
        """Cash, where some of it is cash."""
        in_cash = self.method.data == "cash" or cash_of(self.parts()) > 0
        return self.received.data if in_cash else None


class SeatAndSellForm(OtherZone, DespiteKept, NightLeave, TillForm):
    """A free PC, or one where somebody plays: who, what, and how it is paid.

    `session`: whose time it is that is sold; "" for a PC that was free when the form was opened.
    """

    session = HiddenField("")
    who = RadioField(
        _l("Кто играет"),
        choices=choices([("guest", _l("Гость")), ("customer", _l("Клиент"))]),
        default="guest",
    )
    search = StringField(_l("Клиент"))
    guest_name = StringField(
        _l("Имя гостя"),
        validators=[Length(max=LONGEST_GUEST_NAME, message=_l("Не длиннее 40 символов."))],
    )
    with_code = BooleanField(_l("Выдать одноразовый код вместо посадки сразу"))
    amount = OptionalMoneyField(_l("Внести на баланс"))
    bonus = HiddenField("")

    def allow_debt(self) -> None:
        """Offer that the customer plays in debt."""
        self.method.choices = [*choices([FROM_BALANCE]), *METHODS, *choices([SPLIT, IN_DEBT])]

    def in_debt(self) -> bool:
        """Whether the customer is to play in debt."""
        return bool(self.method.data == IN_DEBT[0])

    def till(self) -> Till:
        """What the cashier saw and took."""
        return Till(
            price_tiyn=self.price_tiyn(),
            received_tiyn=self.received_tiyn(),
            parts=self.parts(),
            bonus_tiyn=self._bonus_tiyn(),
        )

    def top_up(self) -> TopUp | None:
        """What a customer pays at the desk first: the price less the bonuses, unless another amount was typed."""
        if self.method.data == "balance" or self.in_debt():
            return None
        if self.method.data == IN_PARTS:
            amount: int | None = sum(part.amount_tiyn for part in self.parts())
        elif self.amount.data is not None:
            amount = self.amount.data
        else:
            amount = (self.price_tiyn() or 0) - (self._bonus_tiyn() or 0)
            if amount == 0:
                return None
        return TopUp(amount or 0, self.method.data)

    def _bonus_tiyn(self) -> int | None:
        """What of the price was shown as paid with bonuses; None if the page did not say."""
        return current.number(self.bonus.data)


class SellTogetherForm(DespiteKept, NightLeave, TillForm):
    """One payment for several PCs, or each one's own."""

    method = RadioField(
        _l("Кто и как платит"),
        choices=[*METHODS, *choices([SPLIT, FROM_PAYERS_BALANCE, FROM_OWN])],
        default="cash",
    )
    search = StringField(_l("Клиент, который платит"))
    shares = SharesField("")

    def shares_shown(self) -> dict[int, tuple[int, int]] | None:
        """The price and the bonuses that were shown for each PC."""
        return self.shares.shown(self.tariff.tariff_id()) or None

    def price_tiyn(self) -> int | None:
        """The sum that stood in the button, in money."""
        shown = self.shares_shown()
        return None if shown is None else sum(price - bonus for price, bonus in shown.values())


class GiveTimeForm(SeatForm):
    """Time without money."""

    minutes = IntegerField(
        _l("Минут"),
        default=30,
        validators=[InputRequired(_l("От 1 до 240 минут."))],
    )
    cause = RadioField(_l("Причина"), choices=choices(REASONS), default="network")
    reason = StringField(
        _l("Своими словами"),
        validators=[Length(max=LONGEST_REASON, message=_l("Не длиннее 200 символов."))],
    )
    key = OperationKeyField()

    def why(self) -> str:
        """The reason in words: the ready-made one, and what was added to it."""
        words = (self.reason.data or "").strip()
        if self.cause.data == "other":
            return words
        ready = str(dict(REASONS)[self.cause.data])
        return f"{ready}: {words}" if words else ready


class MessageForm(Form):
    """A text for the players."""

    text = TextAreaField(_l("Текст"))
