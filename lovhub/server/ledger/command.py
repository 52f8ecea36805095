"""`lovhub ledger`: recompute the books (`check`), or give them to an accountant (`export`).

Both read only; a server may be running. `accept` takes prices, rights, settings and customers that were edited in the
database for what they are: after that the check is content with them, and the log has a line about it.
"""

import re
from gettext import gettext as _
from pathlib import Path

from sqlalchemy import func, select

from lovhub.server import refusal
from lovhub.server.club.models import Club
from lovhub.server.console import Arguments, refuse, say
from lovhub.server.data_folder import existing_database
from lovhub.server.existing_club import existing_club
from lovhub.server.journal import sealing as journal_sealing
from lovhub.server.journal import service as journal
from lovhub.server.ledger import misfits, words
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.difference import Difference
from lovhub.server.ledger.export import journal as hledger_journal
from lovhub.server.ledger.models import LedgerAccount, LedgerBlock, LedgerPosting
from lovhub.server.ledger.sealing import find_block, last_block

EXIT_DIFFERENCES = 1
EXIT_REFUSED = 2


def main(arguments: list[str]) -> int:
    """Run `lovhub ledger …`; exit code 0: the books balance."""
    parser = Arguments(prog="lovhub ledger", description=_("Проверка учёта."))
    parser.add_argument(
        "action",
        choices=["check", "export", "accept"],
        help=_(
            "проверить учёт, выгрузить его для hledger или принять строки, изменённые мимо программы"
        ),
    )
    parser.add_argument("--data", type=Path, default=Path(), help=_("папка данных"))
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="HASH",
        help=_("контрольная строка из сообщения владельцу: есть ли она в цепочке и теперь"),
    )
    parser.add_argument("--output", type=Path, help=_("файл для выгрузки (без него — на экран)"))
    try:
        options = parser.parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    heads = [_hash(typed) for typed in options.head]
    if None in heads:
        refuse(_("Контрольная строка — это 64 знака: цифры и буквы от a до f."))
        return EXIT_REFUSED
    try:
        folder = options.data.resolve()
        if options.action == "export":
            return _export(folder, options.output)
        if options.action == "accept":
            return _accept(folder)
        return _check(folder, [head for head in heads if head is not None])
    except refusal.FORESEEN as error:
        refusal.told(error)
        return EXIT_REFUSED


def _hash(typed: str) -> bytes | None:
    """The hash as a message shows it, whatever spaces came along; None if it is none."""
    compact = "".join(typed.split()).lower()
    return bytes.fromhex(compact) if re.fullmatch(r"[0-9a-f]{64}", compact) else None


def _check(folder: Path, heads: list[bytes]) -> int:
    with existing_database(folder) as (database, _config), database.read() as db:
        differences = check_ledger(db)
        if misfits.are_among(differences):
            return _tell_of_misfits(differences, heads)
        postings = db.scalars(select(func.count()).select_from(LedgerPosting)).one()
        accounts = db.scalars(select(func.count()).select_from(LedgerAccount)).one()
        clubs = db.execute(
            select(LedgerBlock.club_id, func.max(LedgerBlock.number)).group_by(LedgerBlock.club_id)
        ).all()
        chain_ends = [last_block(db, club_id) for club_id, _number in clubs]
        log_ends = [journal_sealing.last_block(db, name) for name in journal_sealing.JOURNALS]
        kept = [
            (
                head,
                [
                    found.number
                    for found in (
                        *(find_block(db, club_id, head) for club_id, _number in clubs),
                        journal_sealing.find_block(db, head),
                    )
                    if found is not None
                ],
            )
            for head in heads
        ]
    for difference in differences:
        say(words.of(difference))
    missing = 0
    for head, there in kept:
        if there:
            say(
                _("Контрольная строка %(hash)s есть в цепочке: блок %(number)d.")
                % {"hash": head.hex(), "number": there[0]}
            )
        else:
            missing += 1
            say(
                _(
                    "Контрольной строки %s в цепочке нет: учёт до неё переписан или восстановлен из более старой копии."
                )
                % head.hex()
            )
    if differences:
        say(_("Учёт не сходится: расхождений %d.") % len(differences))
        return EXIT_DIFFERENCES
    say(
        _("Учёт сходится: проводок %(postings)d, счетов %(accounts)d.")
        % {"postings": postings, "accounts": accounts}
    )
    for end in chain_ends:
        if end is not None:
            say(
                _("Цепочка: блок %(number)d, %(hash)s.")
                % {"number": end.number, "hash": end.hash.hex()}
            )
    for log_end in log_ends:
        if log_end is not None:
            say(
                _("Цепочка %(journal)s: блок %(number)d, %(hash)s.")
                % {
                    "journal": log_end.journal,
                    "number": log_end.number,
                    "hash": log_end.hash.hex(),
                }
            )
    return EXIT_DIFFERENCES if missing else 0


def _tell_of_misfits(differences: list[Difference], heads: list[bytes]) -> int:
    """What the check has found, and no more: the rest would be read from such rows."""
    for difference in differences:
        say(words.of(difference))
    if heads:
        say(
            _(
                "Есть ли контрольные строки в цепочке, не проверено: сначала верните значения, какие там могут быть."
            )
        )
    say(_("Учёт не сходится: расхождений %d.") % len(differences))
    return EXIT_DIFFERENCES


def _export(folder: Path, output: Path | None) -> int:
    with existing_database(folder) as (database, config), database.read() as db:
        club_id = config.club_id
        if db.get(Club, club_id) is None:
            refuse(_("В этой папке ещё нет клуба: выгружать нечего."))
            return EXIT_REFUSED
        lines = hledger_journal(db, club_id)
        if output is None:
            for line in lines:
                say(line)
            return 0
        beside = output.with_name(output.name + ".part")
        try:
            # Whole or not at all: half a journal would balance with nothing.
            with beside.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(line + "\n" for line in lines)
            beside.replace(output)
        except OSError as error:
            beside.unlink(missing_ok=True)
            refuse(
                _("Файл %(name)s не записан: %(reason)s.")
                % {"name": output, "reason": error.strerror or error}
            )
            return EXIT_REFUSED
    say(_("Учёт выгружен в %s.") % output)
    return 0


def _accept(folder: Path) -> int:
    try:
        with existing_club(folder) as club:
            accepted = journal.accept_rows(club)
    except misfits.MisfitRows as refused:
        for row in refused.rows:
            say(words.of(row))
        refuse(
            _(
                "Ничего не принято: в базе значения, каких там быть не может (%(row)s). Верните прежние, например из"
                " резервной копии, и повторите."
            )
            % {"row": words.misfit_row(refused.rows[0])}
        )
        return EXIT_REFUSED
    say(_("Принято строк: %d. В событиях клуба об этом есть запись.") % accepted)
    return 0
