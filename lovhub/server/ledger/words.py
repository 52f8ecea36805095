"""What does not add up in the books, in sentences for people."""

from flask_babel import gettext as _

from lovhub.server.ledger import misfits, planted, seals, standing_texts
from lovhub.server.ledger.difference import Difference


def of(difference: Difference) -> str:
    """One sentence about it."""
    table = difference.kind.removeprefix("standing_")
    if table != difference.kind:
        words = _words_of_standing(table, difference.subject, difference.detail)
    elif difference.kind.startswith("seal_") and difference.kind != seals.OTHER_KEY:
        what = standing_texts.names()[difference.kind.removeprefix("seal_")]
        words = _("%(what)s %(key)s: изменено мимо программы.") % {
            "what": what,
            "key": difference.detail,
        }
    elif difference.kind.startswith(misfits.OF_A_ROW):
        words = _("%(row)s: такого значения там быть не может.") % {"row": misfit_row(difference)}
    else:
        words = _words_of_books(difference)
    if not difference.club:
        return words
    return str(_("Клуб «%(club)s». %(words)s") % {"club": difference.club, "words": words})


def misfit_row(difference: Difference) -> str:
    """Which row it is that has a value its column cannot hold, and in which columns."""
    what = standing_texts.names()[difference.kind.removeprefix(misfits.OF_A_ROW)]
    key, _bracket, columns = difference.detail.rpartition(" (")
    return f"{what} {key} ({standing_texts.in_words(columns)}"


def _words_of_books(difference: Difference) -> str:
    texts: dict[str, str] = {
        "balance": _("Счёт %(subject)d: записано %(kept)d, по проводкам %(recomputed)d."),
        "limit": _("Счёт %(subject)d: %(kept)d, а меньше %(recomputed)d быть не может."),
        "unit": _("Перевод %(subject)d: единицы счетов не совпадают."),
        "account": _("Счёт %(subject)d: вид, единица или предел не те, какие бывают."),
        "stray": _("Перевод %(subject)d: нет его проводки или счёта, или они другого клуба."),
        "lot": _("Покупка %(subject)d: куплено %(kept)d с, найдено %(recomputed)d с."),
        "lot_left": _("Покупка %(subject)d: записана использованной, а осталось %(recomputed)d с."),
        "receipts": _("Чеки: последний № %(kept)d, а найдено их %(recomputed)d."),
        "chain": _("Блок %(kept)d цепочки: запечатанные в нём проводки изменены."),
        "family": _("Перевод %(subject)d: бонусы или скидки смешаны с деньгами."),
        "chain_gap": _("Цепочка: вместо блока %(recomputed)d стоит %(kept)d, блоков не хватает."),
        "meter": _(
            "Поминутная игра, покупка %(subject)d: стоит %(kept)d тиын, взято %(recomputed)d."
        ),
        "debt": _("Клиент %(subject)d: на балансе %(kept)d, а счёт долга %(recomputed)d."),
        "sealed_event": _(
            "События: блок %(kept)d (должен быть %(recomputed)d, до № %(subject)d) — строки в нём изменены, убраны или"
            " подложены."
        ),
        "sealed_payment_step": _(
            "Истории платежей: блок %(kept)d (должен быть %(recomputed)d, до № %(subject)d) — строки в нём изменены,"
            " убраны или подложены."
        ),
        "sealed_sign_in": _(
            "Входы: блок %(kept)d (должен быть %(recomputed)d, до № %(subject)d) — строки в нём изменены, убраны или"
            " подложены."
        ),
        "sealed_message": _(
            "Вызовы и команды: блок %(kept)d (должен быть %(recomputed)d, до № %(subject)d) — строки в нём изменены,"
            " убраны или подложены."
        ),
        "sealed_standing": _(
            "Как стоят настройки: блок %(kept)d (должен быть %(recomputed)d, до № %(subject)d) — строки в нём изменены,"
            " убраны или подложены."
        ),
        "sealed_unknown": _("Цепочка событий: блок до № %(subject)d назван не так, как бывает."),
        "shift_log": _("Смена %(subject)d: кто, когда или примечание — не те, что в событиях."),
        "shift": _("Смена %(subject)d: записано %(kept)d тиын, по проводкам %(recomputed)d."),
        "open_shift": _("Касса: открыта смена %(kept)d, а не закрыта %(recomputed)d."),
        "promo": _("Промокод %(subject)d: использован %(kept)d раз, найдено %(recomputed)d."),
        "refund": _("Возврат %(subject)d: отклонён он или нет, записано не так, как по проводкам."),
        "payment": _(
            "Платёж %(subject)d: его состояние — не то, что следует из истории и возвратов."
        ),
        "bank_day": _(
            "Сверка с банком, день %(name)s: сохранено %(kept)d тиын, по строкам %(recomputed)d."
        ),
        "owners": _("Счёт %(subject)d: назван своим в %(kept)d местах, а он один."),
        "no_account": _(
            "Клиент %(subject)d: счёта %(kept)d для его бонусов или долга нет, или он для другого."
        ),
        "sitting_edited": _(
            "Сессия %(subject)d: кто, где, с какого времени или чем кончилось — не то, что записала программа."
        ),
        "sitting_added": _("Сессия %(subject)d: строка есть, а программа её не начинала."),
        "sitting_gone": _("Сессия %(subject)d: строки нет, а программа её не убирала."),
        "sitting_some": _(
            "Сессии с № %(kept)d по № %(recomputed)d: строки изменены, убраны или подложены мимо программы."
        ),
        "session": _("Сессия %(subject)d: сыграно %(kept)d с, по проводкам %(recomputed)d с."),
        misfits.AND_MORE: _(
            "%(what)s: значения, каких там быть не может, есть и в других строках, %(kept)d."
        ),
        seals.AND_MORE: _("%(what)s: мимо программы изменено и других строк, %(kept)d."),
        seals.OTHER_KEY: _(
            "Строки с печатями (%(kept)d из %(recomputed)d) запечатаны другим ключом: сменился SecretKey в config.ini."
            " Если его сменили вы, примите строки: lovhub ledger accept."
        ),
        planted.PLANTED: _(
            "В базу мимо программы положен триггер %(name)s: он писал бы с её ключом. Верните клуб из копии, сделанной"
            " до этого. Если его положили вы, уберите его: lovhub ledger accept."
        ),
        "standing": _(
            "Строка %(subject)d о том, как стоят настройки: в событиях её ничто не объясняет."
        ),
    }
    return texts[difference.kind] % {
        "name": difference.detail,
        "what": standing_texts.names().get(difference.detail, ""),
        "subject": difference.subject,
        "kept": difference.kept,
        "recomputed": difference.recomputed,
    }


def _words_of_standing(table: str, subject: int, detail: str) -> str:
    what, words = standing_texts.names()[table], standing_texts.in_words(detail)
    named = {"what": what, "subject": subject, "detail": words}
    match detail:
        case "+":
            said = _("%(what)s %(subject)d: строка есть, а программа её не добавляла.")
        case "-":
            said = _("%(what)s %(subject)d: строки нет, а программа её не убирала.")
        case _detail:
            said = _("%(what)s %(subject)d: изменено мимо программы (%(detail)s).")
    return str(said % named)
