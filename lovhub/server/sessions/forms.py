"""Forms of seating, lengthening, moving and ending."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.validators import Length

from lovhub.server.errors import OperationRefused
from lovhub.server.minors.rules import LEAVES
from lovhub.server.sessions.zones import Consent
from lovhub.server.tariffs.rules import Goods
from lovhub.server.tariffs.words import price_of, when
from lovhub.server.web import current, refusals
from lovhub.server.web.forms import Form, SelectField, choices
from lovhub.server.web.texts import NIGHT_LEAVES, PAYMENT_METHODS

LONGEST_REASON = 200


def words_of(goods: Goods, most_tiyn: int) -> str:
    """What a list of tariffs says of one: its title and price, or from–to where zones differ; and its own hours."""
    price = price_of(goods.price_tiyn, goods.terms.kind)
    if most_tiyn != goods.price_tiyn:
        price = f"{price} – {price_of(most_tiyn, goods.terms.kind)}"
    if goods.terms.play_rule == "sale_hours":
        return str(
            _(
                "%(title)s, %(price)s, играть %(when)s",
                title=goods.terms.title,
                price=price,
                when=when(goods.terms),
            )
        )
    return f"{goods.terms.title}, {price}"


class TariffField(SelectField):
    """Which tariff.

    Any choice is let through: that a tariff was taken off sale meanwhile, the operation says better.
    """

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, validate_choice=False, **kwargs)

    def offer(self, goods: Sequence[Goods], *, dearest: Mapping[int, int], none: str = "") -> None:
        """Fill the list. `none`: a first choice that sells nothing; `dearest`: prices where zones differ in them."""
        named = [
            (str(one.tariff_id), words_of(one, dearest.get(one.tariff_id, one.price_tiyn)))
            for one in goods
        ]
        self.choices = choices([*([("", none)] if none else []), *named])

    def tariff_id(self) -> int:
        """The chosen one; OperationRefused("tariff_not_available") for what cannot be one."""
        found = current.number(self.data)
        if found is None:
            raise OperationRefused("tariff_not_available")
        return found


class SeatForm(Form):
    """A form about a session: what an operation refuses stands beside the field it is about."""

    beside: ClassVar[Mapping[str, str]] = {
        "tariff_not_available": "tariff",
        "tariff_not_sold_here": "tariff",
        "tariff_not_sold_now": "tariff",
        "tariff_for_customers": "tariff",
        "tariff_not_for_group": "tariff",
        "tariff_by_minute": "tariff",
        "already_by_minute": "tariff",
        "parts_differ": "part_cash",
        "not_enough_money": "tariff",
        "balance_too_low": "tariff",
        "no_time_left": "tariff",
        "time_waits": "tariff",
        "time_not_sold_there": "tariff",
        "price_changed": "tariff",
        "received_too_little": "received",
        "amount_out_of_range": "amount",
        "payment_method_unknown": "method",
        "customer_not_chosen": "search",
        "customer_unknown": "search",
        "already_elsewhere": "search",
        "reason_missing": "reason",
    }

    def show(self, refusal: OperationRefused, **fields: str) -> None:
        """Put the refusal where its reason is."""
        if refusal.code == "computer_kept" and isinstance(self, DespiteKept):
            self.asks_despite_kept = True
        if refusal.code in LEAVE_HELPS and isinstance(self, NightLeave):
            self.asks_night_leave = True
        if isinstance(self, OtherZone) and self.ask_zone(refusal):
            return
        super().show(refusal, **fields)


class DespiteKept:
    """Mixed into forms that seat somebody: on purpose, though the PC is kept for somebody else.

    The tick box is shown once the operation has said so.
    """

    despite_kept = BooleanField(_l("Всё равно посадить"))
    asks_despite_kept = False


LEAVE_HELPS = frozenset(
    {
        "age_unconfirmed",
        "age_unconfirmed_past_night",
        "minor_at_night",
        "minor_past_night",
        "minor_by_birth_date",
    }
)
"""Refusals after which staff may say that somebody stays."""


class NightLeave:
    """Mixed into forms that seat somebody or sell to them: why they may stay at night. Shown once it is needed."""

    night_leave = RadioField(
        _l("Ночь"),
        choices=choices((code, NIGHT_LEAVES[code]) for code in LEAVES),
        default="",
        validate_choice=False,
    )
    asks_night_leave = False


_ZONE_VALUES = {"zone_difference": ("amount_tiyn",), "zone_convert": ("seconds", "becomes")}
"""The refusals that ask for a consent, and their numbers: the last one is what is agreed to."""


class OtherZone:
    """Mixed into forms that take time into another zone: what it comes to, once the operation has said so.

    `shown`: that refusal again, so that the button says it until it is done: «zone_convert 7200 4320».
    """

    shown = HiddenField("")
    difference_method = RadioField(
        _l("Чем доплатить"),
        choices=choices((name, PAYMENT_METHODS[name]) for name in ("balance", "cash", "card")),
        default="balance",
    )
    asks_zone: OperationRefused | None = None

    def ask_zone(self, refusal: OperationRefused) -> bool:
        """Whether the refusal asks for a consent, which the form then shows; after another one, it shows it still."""
        if refusal.code in _ZONE_VALUES:
            self.asks_zone = refusal
            numbers = (refusal.values[name] for name in _ZONE_VALUES[refusal.code])
            self.shown.data = " ".join([refusal.code, *map(str, numbers)])
            return True
        self.asks_zone = self._asked_before()
        return False

    def _asked_before(self) -> OperationRefused | None:
        code, *numbers = (self.shown.data or "").split(" ")
        names = _ZONE_VALUES.get(code, ())
        found = [current.number(number) for number in numbers]
        if not names or len(found) != len(names) or None in found:
            return None
        values = {name: number or 0 for name, number in zip(names, found, strict=True)}
        return OperationRefused(code, **values)

    @property
    def zone_words(self) -> str:
        """What is asked, in a sentence."""
        return "" if self.asks_zone is None else refusals.refusal_of(self.asks_zone)

    def consent(self) -> Consent:
        """What was shown and agreed to by pressing the button again."""
        asked = self._asked_before()
        shown = None if asked is None else int(asked.values[_ZONE_VALUES[asked.code][-1]])
        return Consent(shown, self.difference_method.data or "balance")


class MoveForm(OtherZone, DespiteKept, Form):
    """To which PC. Any choice is let through: why a PC is free no longer, the operation says better."""

    computer = SelectField(_l("На какой ПК"), validate_choice=False)

    def show(self, refusal: OperationRefused, **fields: str) -> None:
        """Put the refusal beside the PC that it is about."""
        if self.ask_zone(refusal):
            return
        if refusal.code in {"computer_kept", "computer_broken"}:
            self.asks_despite_kept = refusal.code == "computer_kept"
            self.show_beside("computer", refusal)
            return
        if refusal.code in {"time_not_sold_there", "no_time_left"}:
            refusal = OperationRefused("invalid_fields", computer=refusal.code)
        if refusal.code in {"not_enough_money", "no_balance"}:
            refusal = OperationRefused("invalid_fields", difference_method=refusal.code)
        if refusal.code in {
            "computer_busy",
            "computer_in_maintenance",
            "computer_silent",
            "computer_unknown",
        }:
            refusal = OperationRefused("invalid_fields", computer=refusal.code)
        super().show(refusal, **fields)


class ReleaseForm(SeatForm):
    """Why the reserved seconds are given back."""

    reason = TextAreaField(
        _l("Причина"),
        validators=[Length(max=LONGEST_REASON, message=_l("Не длиннее 200 символов."))],
    )
