"""The page on which a person plays the payer."""

import time
from decimal import Decimal
from gettext import gettext as _
from html import escape

from lovhub.simulator.bank.bills import Bill, Bills

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
background:#fafafa;color:#222}
h1{font-size:1.5rem}section{background:#fff;border:1px solid #ddd;border-radius:.5rem;padding:1rem;
margin:1rem 0}form{display:inline}button{font:inherit;padding:.3rem .8rem;margin:.15rem;cursor:pointer}
input{font:inherit;padding:.3rem}b.sum{font-size:1.2rem}p.told{background:#eef6ee;padding:.5rem}
@media(prefers-color-scheme:dark){body{background:#151515;color:#ddd}section{background:#222;
border-color:#444}p.told{background:#243024}}
"""


def page(bills: Bills, told: str) -> str:
    """All of it. `told`: what the last press led to."""
    shown = "".join(_bill(bill) for bill in bills.newest()) or f"<p>{_('Счетов пока нет.')}</p>"
    lost = _("Будет потерян следующий ответ клубу.") if bills.answers_to_lose else ""
    return (
        f'<!doctype html><html lang="ru"><meta charset="utf-8"><title>{_("Ненастоящий банк")}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>{_('Ненастоящий банк')}</h1>"
        f"<p>{_('Здесь нажимают за плательщика. Ни одного тенге тут нет.')}</p>"
        f"{f'<p class=told>{escape(told)}</p>' if told else ''}"
        f"<section><h2>{_('Пополнить по платёжному номеру')}</h2>"
        f'<form method="post" action="/press/biller">'
        f'<label>{_("Номер")} <input name="account" required></label> '
        f'<label>{_("Сумма, ₸")} <input name="amount" value="500" required></label> '
        f"{_button('check', _('Проверить'))}{_button('pay', _('Оплатить'))}"
        f"{_button('twice', _('Оплатить дважды'))}"
        f"{_button('lose', _('Оплатить и потерять ответ'))}</form></section>"
        f"<section><h2>{_('Связь')}</h2><p>{lost}</p><form method='post' action='/press/line'>"
        f"{_button('lose', _('Потерять следующий ответ'))}</form> "
        f'<a href="/registry.csv">{_("Реестр за сегодня (CSV)")}</a></section>'
        f"<h2>{_('Счета')}</h2>{shown}</html>"
    )


def _bill(bill: Bill) -> str:
    state = {
        "QrTokenCreated": _("ждёт оплаты"),
        "Wait": _("будет оплачен позже срока"),
        "Processed": _("оплачен"),
        "Error": _("отменён"),
    }[bill.status]
    waits = bill.status == "QrTokenCreated"
    buttons = (
        _button("pay", _("Оплатить"))
        + _button("cancel", _("Отказаться"))
        + _button("late", _("Оплатить поздно"))
        + _button("twice", _("Оплатить дважды"))
        if waits
        else ""
    )
    back = f", {_('возвращено')} {bill.returned} ₸" if bill.returned else ""
    return (
        f'<section data-bill="{bill.id}"><b class="sum">{bill.amount} ₸</b> · № {bill.id} · '
        f"{escape(bill.kind)} · {state}{back}<br>"
        f'<form method="post" action="/press/{bill.id}">{buttons}</form></section>'
    )


def _button(name: str, text: str) -> str:
    return f'<button name="do" value="{name}">{escape(text)}</button>'


def registry(bills: Bills) -> str:
    """What came and went, as a bank's table."""
    lines = ["Дата операции;Номер операции;Сумма"]
    for bill in reversed(bills.newest()):
        if bill.paid_at is not None:
            lines.append(_line(bill.paid_at, bill.id, bill.amount))
        lines += [_line(at, bill.id, -amount) for at, amount in bill.returns]
    return "\ufeff" + "\r\n".join(lines) + "\r\n"


def _line(at: float, bill_id: int, amount: Decimal) -> str:
    when = time.strftime("%d.%m.%Y %H:%M:%S", time.gmtime(at + 5 * 3600))
    return f"{when};{bill_id};{amount:.2f}"
