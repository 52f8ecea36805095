"""Alarms in words: on the dashboard and in the log, and, by way of the scripts' texts, on live pages."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _


def alarm_texts() -> dict[str, str]:
    """Every kind of alarm as a sentence without its PC."""
    return {
        "launcher_killed": _("лаунчер остановлен, агент его вернул"),
        "launcher_hung": _("лаунчер не отвечал, агент его перезапустил"),
        "lock_uncovered": _("замок не закрывает экран"),
        "false_server": _("кто-то выдаёт себя за сервер клуба"),
        "channel_flooded": _(
            "шлёт серверу слишком много: если ПК в порядке, привяжите его заново, его ключ мог попасть в чужие руки"
        ),
        "computer_doubled": _(
            "на связи то один компьютер, то другой с одним ключом: если это копия диска, привяжите её заново, иначе"
            " отключите ПК и привяжите снова"
        ),
        "key_doubled": _(
            "в клуб просится ещё один компьютер с ключом этого ПК: это копия диска, снятая вместе с ключом. Выполните"
            " на копии lovhub agent image"
        ),
        "clock_moved": _("часы компьютера переведены"),
        "journal_damaged": _("журнал ПК повреждён и начат заново"),
        "journal_lost": _("журнал ПК пропал, учтено по последнему сигналу"),
        "late_report": _("отчёт ПК больше положенного"),
        "report_short": _("ПК отчитался за меньшее время, чем прошло"),
        "hardware_changed": _("изменилось железо"),
        "backup_failed": _("ночная копия не сделана"),
        "backup_unsound": _("копия сделана, но не прошла проверку"),
        "backup_second_copy": _("копия не легла во вторую папку"),
        "payment_conflict": _("Kaspi сообщил об одном платеже дважды, и по-разному"),
        "payment_review": _(
            "платёж пришёл не таким, каким его ждали: проверьте его на странице «Kaspi»"
        ),
        "payment_order_failed": _(
            "Kaspi оплачен, а продать уже не вышло: посмотрите платёж на странице «Kaspi»"
        ),
        "payment_sandbox": _("пришёл пробный платёж, он не зачислен"),
        "payment_second": _("один и тот же счёт оплачен дважды: проверьте на странице «Kaspi»"),
        "payment_unknown": _("пришла оплата, о которой клуб не просил: сверьтесь с Kaspi"),
        "payment_refund_unknown": _(
            "неизвестно, дошёл ли возврат: проверьте его в Kaspi и отметьте"
        ),
        "payment_refunded_elsewhere": _(
            "деньги возвращены мимо программы: баланс клиента не уменьшен"
        ),
        "debt_left": _("игрок встал и должен клубу: примите оплату"),
        "mass_loss": _("пропала связь сразу со многими ПК: питание или коммутатор"),
    }


def alarm_parts() -> dict[str, str]:
    """Parts of a PC that may change behind the club's back."""
    return {"memory": _("память"), "disk": _("диски"), "gpu": _("видеокарта")}


def alarm_text(kind: str, computer_name: str, data: Mapping[str, Any]) -> str:
    """A sentence with the PC's name, such as «ПК-1: лаунчер остановлен, агент его вернул»."""
    text = alarm_texts().get(kind, kind)
    for change in data.get("changes", ()):
        part = alarm_parts().get(change["part"], change["part"])
        text = f"{text}; {part}: {change['was']} → {change['now']}"
    seconds = data.get("seconds")
    if isinstance(seconds, int) and seconds > 0:
        text = _("%(text)s (%(seconds)s с)", text=text, seconds=seconds)
    return f"{computer_name}: {text}" if computer_name else text
