"""A message in words, in the owner's language."""

from flask import Flask, g
from flask_babel import gettext as _

from lovhub.server.notices import queries, rules
from lovhub.server.notices.models import Notice
from lovhub.server.notices.ways import Letter
from lovhub.server.shifts import figures, showing
from lovhub.server.shifts import queries as shifts
from lovhub.server.shifts.figures import Figures
from lovhub.server.web import current, formatting


def letter(app: Flask, notice: Notice) -> Letter:
    """What is sent now; a late message says so in its first line."""
    # A request that nobody made: words and amounts are written as for a page.
    with app.test_request_context():
        club = current.club()
        with club.read() as db:
            row = current.club_row()
            g.language = queries.owners_language(db, club.club_id) or row.language
            if notice.shift_id is None:
                subject = _("LoVHub: проверка сообщений клуба «%(club)s»", club=row.name)
                lines = [_("Если вы это читаете, сообщения о сменах доходят.")]
            else:
                shift = shifts.row(db, club.club_id, notice.shift_id)
                found = figures.read(db, shift, club.clock.now())
                subject, lines = _subject(row.name, found), _lines(found)
        age = club.clock.now() - notice.created_at
        if rules.is_late(age):
            late = _(
                "Сообщение опоздало на %(age)s: раньше отправить не получалось.",
                age=formatting.age(age),
            )
            lines = [late, "", *lines]
        number = f"lovhub-{club.club_id}-{notice.id}-{notice.created_at}"
        return Letter(subject, "\n".join(lines) + "\n", number, notice.created_at)


def _subject(club_name: str, found: Figures) -> str:
    shift = found.shift
    parts = [
        _("%(club)s: смена № %(number)s закрыта", club=club_name, number=shift.number),
        _("получено %(amount)s", amount=_money(found.totals.received_tiyn)),
    ]
    difference = shift.difference_tiyn
    if difference is None:
        parts.append(_("без пересчёта"))
    elif difference < 0:
        parts.append(_("недостача %(amount)s", amount=_money(-difference)))
    elif difference > 0:
        parts.append(_("излишек %(amount)s", amount=_money(difference)))
    else:
        parts.append(_("касса сошлась"))
    return ", ".join(parts)


def _lines(found: Figures) -> list[str]:
    report = showing.report(found)
    lines = [report.title, *report.head]
    for section in report.sections:
        lines += [
            "",
            section.title.upper(),
            *(f"{line.name}: {line.value}" for line in section.lines),
        ]
    return lines


def _money(amount_tiyn: int) -> str:
    return formatting.money(amount_tiyn, formatting.currency_sign())
