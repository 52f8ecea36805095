"""Refusals as sentences. Operations refuse by code, with values; here the codes become words for people."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext

from lovhub.server.errors import OperationRefused
from lovhub.server.web import formatting
from lovhub.server.web.refusals.forms import FORMS
from lovhub.server.web.refusals.running import RUNNING
from lovhub.server.web.refusals.selling import SELLING

Values = Mapping[str, Any]
SENTENCES = {**FORMS, **RUNNING, **SELLING}
"""The code → the sentence."""


def refusal(code: str) -> str:
    """The sentence for a code. A code without one is a mistake of ours: it is shown as it is."""
    known = SENTENCES.get(code)
    return str(known) if known is not None else code


def refusal_of(refused: OperationRefused) -> str:
    """The sentence for a refused operation, with its values."""
    text = _with_values(refused)
    # An operation on several PCs says which one is in the way.
    return f"{refused.values['computer']}: {text}" if "computer" in refused.values else text


def _with_values(refused: OperationRefused) -> str:
    needs, told = _DETAILED.get(refused.code, ("", None))
    if told is None or refused.values.get(needs) in {None, ""}:
        return refusal(refused.code)
    return told(refused.values)


def _money(tiyn: Any) -> str:
    return formatting.money(int(tiyn), formatting.currency_sign())


def _money_left(values: Values) -> str:
    return gettext(
        "Деньги уже потрачены: на балансе осталось %(left)s.", left=_money(values["left_tiyn"])
    )


_DETAILED: dict[str, tuple[str, Callable[[Values], str]]] = {
    "too_many_attempts": (
        "seconds",
        lambda values: gettext(
            "Слишком много попыток. Попробуйте через %(seconds)s с.", seconds=values["seconds"]
        ),
    ),
    "move_in_use": (
        "logins",
        lambda values: gettext(
            "Отменить нельзя: клиенты уже играли, тратили или платили (%(logins)s).",
            logins=values["logins"],
        ),
    ),
    "top_up_spent": ("left_tiyn", _money_left),
    "refund_spent": ("left_tiyn", _money_left),
    "refund_bonus_spent": (
        "left_tiyn",
        lambda values: gettext(
            "Бонусы за этот платёж уже потрачены: вернуть можно не больше %(left)s.",
            left=_money(values["left_tiyn"]),
        ),
    ),
    "already_elsewhere": (
        "club",
        lambda values: gettext(
            "Клиент сейчас в клубе «%(club)s», %(pc)s. Пусть его сеанс завершат там, тогда он сядет и здесь.",
            club=values["club"],
            pc=values["pc"],
        ),
    ),
    "group_has_tariffs": (
        "titles",
        lambda values: gettext(
            "Сначала уберите группу из тарифов, которые для неё продаются: %(titles)s.",
            titles=values["titles"],
        ),
    ),
    "already_taken": (
        "name",
        lambda values: gettext("Этим уже занимается %(name)s.", name=values["name"]),
    ),
    "shift_open_already": (
        "name",
        lambda values: gettext("Смена уже открыта: %(name)s.", name=values["name"]),
    ),
    "computer_kept": (
        "until_at",
        lambda values: gettext(
            "ПК отложен до %(until)s: %(for_whom)s.",
            until=formatting.clock(int(values["until_at"])),
            for_whom=values["for_whom"],
        ),
    ),
    "computer_broken": (
        "reason",
        lambda values: gettext("ПК сломан: %(reason)s.", reason=values["reason"]),
    ),
    "zone_difference": (
        "amount_tiyn",
        lambda values: gettext(
            "В той зоне дороже: доплата за остаток времени %(amount)s.",
            amount=_money(values["amount_tiyn"]),
        ),
    ),
    "zone_convert": (
        "seconds",
        lambda values: gettext(
            "В той зоне время стоит иначе: %(before)s станут %(after)s.",
            before=formatting.duration(int(values["seconds"])),
            after=formatting.duration(int(values["becomes"])),
        ),
    ),
    "number_taken": (
        "number",
        lambda values: gettext("Номер %(number)s уже у другого ПК.", number=values["number"]),
    ),
}
"""Refusals that tell more with a value: which one it takes, and how the sentence goes then."""
