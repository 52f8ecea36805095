"""Alarms in words: on the dashboard and in the log, and, by way of the scripts' texts, on live pages."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from lovhub.server.web.language import plain as _

_ALARMS = {
    "launcher_killed": _l("лаунчер остановлен, агент его вернул"),
    "launcher_hung": _l("лаунчер не отвечал, агент его перезапустил"),
    "lock_uncovered": _l("замок не закрывает экран"),
    "code_guessed": _l("на замке подбирают код техника"),
    "code_unknown": _l(
        "ПК открыт кодом, который сервер не выдавал: привяжите этот ПК заново и проверьте, кто за ним был"
    ),
    "false_server": _l("кто-то выдаёт себя за сервер клуба"),
    "channel_flooded": _l(
        "шлёт серверу слишком много: если ПК в порядке, привяжите его заново, его ключ мог попасть в чужие руки"
    ),
    "computer_doubled": _l(
        "на связи то один компьютер, то другой с одним ключом: если это копия диска, привяжите её заново, иначе"
        " отключите ПК и привяжите снова"
    ),
    "computer_elsewhere": _l(
        "вышел на связь из другой сети: если ПК не переставляли, отключите его от клуба и привяжите снова, его ключ"
        " мог попасть в чужие руки"
    ),
    "key_doubled": _l(
        "в клуб просится ещё один компьютер с ключом этого ПК: это копия диска, снятая вместе с ключом. Выполните"
        " на копии lovhub agent image"
    ),
    "memory_forgets": _l(
        "ключ и журнал ПК пропадут при перезагрузке: укажите на нём папку, которая остаётся. Пока сеансы получает"
        " короткие"
    ),
    "guarded_in_part": _l(
        "защита неполная: агент запущен без службы Windows, игрок может его остановить. Поставьте LoVHub на этот ПК"
        " установщиком"
    ),
    "update_rolled_back": _l(
        "обновление не прижилось, ПК вернулся к прежней версии: причина на странице «Обновления ПК»"
    ),
    "updates_stopped": _l(
        "обновление ПК остановлено: два ПК вернулись к прежней версии, остальные не тронуты"
    ),
    "on_without_agent": _l(
        "включён без агента: отвечает в сети, а LoVHub на нём молчит. Подойдите и посмотрите, кто за ним"
    ),
    "many_without_agent": _l(
        "сразу несколько ПК включены без агента: какие, покажут «Компьютеры». Если молчит весь зал, проверьте, видит"
        " ли он сервер"
    ),
    "clock_moved": _l("часы компьютера переведены"),
    "journal_damaged": _l("журнал ПК повреждён и начат заново"),
    "journal_lost": _l("журнал ПК пропал, учтено по последнему сигналу"),
    "late_report": _l("отчёт ПК больше положенного"),
    "report_short": _l("ПК отчитался за меньшее время, чем прошло"),
    "hardware_changed": _l("изменилось железо"),
    "backup_failed": _l("ночная копия не сделана"),
    "backup_unsound": _l("копия сделана, но не прошла проверку"),
    "backup_second_copy": _l("копия не легла во вторую папку"),
    "backup_store": _l("копия не ушла в хранилище S3: почему, скажет страница «Резервные копии»"),
    "payment_conflict": _l("Kaspi сообщил об одном платеже дважды, и по-разному"),
    "payment_review": _l(
        "платёж пришёл не таким, каким его ждали: проверьте его на странице «Kaspi»"
    ),
    "payment_order_failed": _l(
        "Kaspi оплачен, а продать уже не вышло: посмотрите платёж на странице «Kaspi»"
    ),
    "payment_sandbox": _l("пришёл пробный платёж, он не зачислен"),
    "payment_second": _l("один и тот же счёт оплачен дважды: проверьте на странице «Kaspi»"),
    "payment_unknown": _l("пришла оплата, о которой клуб не просил: сверьтесь с Kaspi"),
    "payment_refund_unknown": _l("неизвестно, дошёл ли возврат: проверьте его в Kaspi и отметьте"),
    "payment_refunded_elsewhere": _l(
        "деньги возвращены мимо программы: баланс клиента не уменьшен"
    ),
    "debt_left": _l("игрок встал и должен клубу: примите оплату"),
    "paused_long": _l(
        "игрок поставил сеанс на паузу и не возвращается больше 15 минут: ПК занят. Подойдите или завершите сеанс"
    ),
    "overloaded": _l(
        "сервер перегружен: отчёты и страницы откладываются, продажи и сеансы идут своим ходом"
    ),
    "mass_loss": _l("пропала связь сразу со многими ПК: питание или коммутатор"),
}


def alarm_texts() -> dict[str, str]:
    """Every kind of alarm as a sentence without its PC."""
    return {kind: str(text) for kind, text in _ALARMS.items()}


def alarm_parts() -> dict[str, str]:
    """Parts of a PC that may change behind the club's back."""
    return {"memory": _("память"), "disk": _("диски"), "gpu": _("видеокарта")}


def alarm_text(kind: str, computer_name: str, data: Mapping[str, Any]) -> str:
    """A sentence with the PC's name, such as «ПК-1: лаунчер остановлен, агент его вернул»."""
    text = str(_ALARMS.get(kind, kind))
    for change in data.get("changes", ()):
        part = alarm_parts().get(change["part"], change["part"])
        text = f"{text}; {part}: {change['was']} → {change['now']}"
    seconds = data.get("seconds")
    if isinstance(seconds, int) and seconds > 0:
        text = _("%(text)s (%(seconds)s с)", text=text, seconds=seconds)
    if "told_at" in data:
        text = _("%(text)s; когда, неизвестно: время на ПК неверно", text=text)
    return f"{computer_name}: {text}" if computer_name else text
