"""`lovhub ledger check`: recompute the books and say whether they hold. Reads only; a server may be running."""

from gettext import gettext as _
from pathlib import Path

from sqlalchemy import func, select

from lovhub.server import refusal
from lovhub.server.console import Arguments, refuse, say
from lovhub.server.data_folder import existing_database
from lovhub.server.ledger.check import Difference, check_ledger
from lovhub.server.ledger.models import LedgerAccount, LedgerBlock, LedgerPosting
from lovhub.server.ledger.sealing import last_block

EXIT_DIFFERENCES = 1
EXIT_REFUSED = 2


def main(arguments: list[str]) -> int:
    """Run `lovhub ledger …`; exit code 0: the books balance."""
    parser = Arguments(prog="lovhub ledger", description=_("Проверка учёта."))
    parser.add_argument("action", choices=["check"])
    parser.add_argument("--data", type=Path, default=Path(), help=_("папка данных"))
    try:
        options = parser.parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    try:
        return _check(options.data.resolve())
    except refusal.FORESEEN as error:
        sentence = refusal.sentence(error)
        if sentence is None:
            raise
        refuse(sentence)
        return EXIT_REFUSED


def _check(folder: Path) -> int:
    with existing_database(folder) as (database, _config), database.read() as db:
        differences = check_ledger(db)
        postings = db.scalars(select(func.count()).select_from(LedgerPosting)).one()
        accounts = db.scalars(select(func.count()).select_from(LedgerAccount)).one()
        heads = db.execute(
            select(LedgerBlock.club_id, func.max(LedgerBlock.number)).group_by(LedgerBlock.club_id)
        ).all()
        chain_ends = [last_block(db, club_id) for club_id, _number in heads]
    for difference in differences:
        say(_words(difference))
    if differences:
        say(_("Учёт не сходится: расхождений %d.") % len(differences))
        return EXIT_DIFFERENCES
    say(
        _("Учёт сходится: проводок %(postings)d, счетов %(accounts)d.")
        % {"postings": postings, "accounts": accounts}
    )
    for head in chain_ends:
        if head is not None:
            say(
                _("Цепочка: блок %(number)d, %(hash)s.")
                % {"number": head.number, "hash": head.hash.hex()}
            )
    return 0


def _words(difference: Difference) -> str:
    texts = {
        "balance": _("Счёт %(subject)d: записано %(kept)d, по проводкам %(recomputed)d."),
        "limit": _("Счёт %(subject)d: %(kept)d, а меньше %(recomputed)d быть не может."),
        "unit": _("Перевод %(subject)d: единицы счетов не совпадают."),
        "lot": _("Покупка %(subject)d: куплено %(kept)d с, найдено %(recomputed)d с."),
        "chain": _("Блок %(kept)d цепочки: запечатанные в нём проводки изменены."),
        "chain_gap": _("Цепочка: вместо блока %(recomputed)d стоит %(kept)d, блоков не хватает."),
        "session": _("Сессия %(subject)d: сыграно %(kept)d с, по проводкам %(recomputed)d с."),
    }
    return texts[difference.kind] % {
        "subject": difference.subject,
        "kept": difference.kept,
        "recomputed": difference.recomputed,
    }
