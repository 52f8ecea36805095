"""A message in words, in the owner's language."""

from typing import Any

from flask import Flask, g
from flask_babel import gettext as _

from lovhub.server.context import ClubContext
from lovhub.server.journal import sealing as journal_sealing
from lovhub.server.journal import texts as journal_texts
from lovhub.server.journal.models import JournalBlock
from lovhub.server.ledger import sealing
from lovhub.server.notices import queries, rules, texts, troubles
from lovhub.server.notices.letters import Letter
from lovhub.server.notices.models import Notice
from lovhub.server.shifts import figures, showing
from lovhub.server.shifts import queries as shifts
from lovhub.server.shifts.figures import Figures
from lovhub.server.status import texts as status_texts
from lovhub.server.status.rules import Finding
from lovhub.server.web import current, formatting


def letter(app: Flask, notice: Notice) -> Letter:
    """What is sent now; a late message says so in its first line."""
    # A request that nobody made: words and amounts are written as for a page.
    with app.test_request_context():
        club = current.club()
        with club.read() as db:
            row = current.club_row()
            g.language = queries.owners_language(db, club.club_id) or row.language
            if notice.shift_id is not None:
                shift = shifts.row(db, club.club_id, notice.shift_id)
                found = figures.read(db, shift, club.clock.now())
                subject, lines = _subject(row.name, found), [*_lines(found), *_head_lines(club)]
            elif notice.kind == "ledger_head":
                subject = _("%(club)s: контрольная строка учёта", club=row.name)
                lines = _head_lines(club)[1:]
            elif notice.kind == "trouble":
                subject = f"{row.name}: {texts.TROUBLES[notice.data['trouble']]}"
                lines = _trouble_lines(notice.data)
            elif notice.kind == "trouble_over":
                name = texts.TROUBLES[notice.data["trouble"]]
                subject = _("%(club)s: прошло — %(trouble)s", club=row.name, trouble=name)
                lines = [
                    _(
                        "Началось %(since)s, не видно с %(until)s.",
                        since=formatting.moment(notice.data["since"]),
                        until=formatting.moment(notice.data["until"]),
                    )
                ]
            else:
                subject = _("LoVHub: проверка сообщений клуба «%(club)s»", club=row.name)
                lines = [_("Если вы это читаете, сообщения клуба доходят.")]
        age = club.clock.now() - notice.created_at
        if rules.is_late(age):
            late = _(
                "Сообщение опоздало на %(age)s: раньше отправить не получалось.",
                age=formatting.age(age),
            )
            lines = [late, "", *lines]
        number = f"lovhub-{club.club_id}-{notice.id}-{notice.created_at}"
        return Letter(subject, "\n".join(lines) + "\n", number, notice.created_at)


def _head_lines(club: ClubContext) -> list[str]:
    """The chain's head, for somebody to keep outside the club; nothing while nothing was booked."""
    head = sealing.head_now(club)
    if head is None:
        return []
    return [
        "",
        _("Контрольная строка учёта: %(hash)s", hash=head.hash.hex()),
        _("Блок %(number)s, %(moment)s.", number=head.number, moment=formatting.moment(head.sealed_at)),
        *(
            _("Контрольная строка событий: %(hash)s", hash=block.hash.hex())
            for block in [_log_head(club)]
            if block is not None
        ),
        _(
            "Храните это сообщение. Если учёт перепишут задним числом, команда «lovhub ledger check --head СТРОКА» это"
            " покажет."
        ),
    ]  # fmt: skip


def _log_head(club: ClubContext) -> JournalBlock | None:
    with club.read() as db:
        return journal_sealing.last_block(db, "event")


def _trouble_lines(data: dict[str, Any]) -> list[str]:
    lines = []
    for number, values in data["findings"]:
        finding = Finding(number, values)
        lines += [f"{status_texts.sentence(finding)} ({number})", status_texts.hint(finding)]
    shown = data["alarms"][: troubles.MOST_NAMED]
    for kind, computer_name, at in shown:
        lines.append(f"{formatting.moment(at)} {journal_texts.alarm_text(kind, computer_name, {})}")
    more = len(data["alarms"]) - len(shown)
    if more:
        lines.append(_("И ещё: %(n)s.", n=more))
    return [
        *lines,
        "",
        _("Пока это не пройдёт, повторов не будет; когда пройдёт, придёт сообщение."),
    ]


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
