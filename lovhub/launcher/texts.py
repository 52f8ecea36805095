"""Texts for people: translation, money, time, and what the codes of the protocol mean in words.

The message ids are the Russian texts themselves, so that Russian needs no catalogue.
"""

import gettext
from collections.abc import Sequence
from pathlib import Path

from lovhub.protocol.views import (
    AnswerCode,
    CallView,
    GiftView,
    OperationView,
    PaidView,
    SessionView,
    TimeView,
)

DOMAIN = "messages"
TRANSLATIONS = Path(__file__).parent / "translations"
SOURCE_LANGUAGE = "ru"
"""What the texts in the code are written in."""
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
TENGE = "\N{TENGE SIGN}"
PAIRING_DIGITS = 6


class _Language:
    """The language of this process."""

    name = SOURCE_LANGUAGE
    translations: gettext.NullTranslations = gettext.NullTranslations()


LANGUAGES = {"ru": "Русский", "kk": "Қазақша", "en": "English"}
"""Code → what its speakers call it."""


def language() -> str:
    """The language that is shown."""
    return _Language.name


def choose_language(language: str) -> None:
    """Show texts in this language from now on; Russian where a text or a catalogue is missing."""
    _Language.name = language
    if language == SOURCE_LANGUAGE:
        # Has no catalogue: to look for one takes `locale` and a look at the disk, before the lock is up.
        _Language.translations = gettext.NullTranslations()
    else:
        _Language.translations = gettext.translation(
            DOMAIN, TRANSLATIONS, [language], fallback=True
        )


def _(text: str) -> str:
    """The text in the chosen language."""
    return _Language.translations.gettext(text)


def format_money(amount_tiyn: int) -> str:
    """Money as people write it: `1 500 ₸`; tiyn only where there are any: `0,50 ₸`."""
    sign = "\N{MINUS SIGN}" if amount_tiyn < 0 else ""
    tenge, tiyn = divmod(abs(amount_tiyn), 100)
    whole = f"{tenge:,}".replace(",", NO_BREAK_SPACE)
    fraction = f",{tiyn:02}" if tiyn else ""
    return f"{sign}{whole}{fraction}{NO_BREAK_SPACE}{TENGE}"


def format_hourly(hour_tiyn: int) -> str:
    """What an hour costs: `600 ₸ за час`."""
    return _("{money} за час").format(money=format_money(hour_tiyn))


def format_countdown(seconds: int) -> str:
    """Time left, as a clock shows it: `0:59:12`."""
    minutes, second = divmod(max(seconds, 0), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}"


def format_duration(seconds: int) -> str:
    """A length of time in words: `1 ч 30 мин`; seconds only when there is less than a minute."""
    minutes, second = divmod(max(seconds, 0), 60)
    hour, minute = divmod(minutes, 60)
    parts = []
    if hour:
        parts.append(_("{hours} ч").format(hours=hour))
    if minute:
        parts.append(_("{minutes} мин").format(minutes=minute))
    if not parts:
        parts.append(_("{seconds} с").format(seconds=second))
    return " ".join(parts).replace(" ", NO_BREAK_SPACE)


def pairing_code(code: str) -> str:
    """A six-digit code in two groups, easier to read out across a hall: `041 733`."""
    return f"{code[:3]} {code[3:]}" if len(code) == PAIRING_DIGITS else code


def answer_text(code: AnswerCode) -> str:
    """What went wrong and what to do now; empty for `ok`."""
    return {
        "ok": "",
        "wrong_credentials": _("Неверный логин или пароль."),
        "too_many_attempts": _("Слишком много попыток. Подождите минуту и попробуйте снова."),
        "wrong_code": _("Такого кода нет, или он уже использован."),
        "new_password_needed": _("Придумайте новый пароль."),
        "password_too_short": _("Пароль слишком короткий: нужно не меньше 4 символов."),
        "password_too_long": _("Пароль слишком длинный."),
        "login_taken": _("Такой логин уже есть. Придумайте другой."),
        "login_malformed": _("В логине от 2 до 40 знаков, без пробелов."),
        "login_is_phone": _(
            "Номер телефона впишите ниже: по нему тоже можно войти. А логин придумайте другой."
        ),
        "phone_malformed": _("Телефон написан с ошибкой. Его можно и не указывать."),
        "registration_closed": _("Здесь не регистрируются сами. Подойдите к администратору."),
        "password_common": _("Этот пароль угадают первым. Придумайте другой, например два слова."),
        "not_signed_in": _("Вход больше не действует. Войдите ещё раз."),
        "already_elsewhere": _(
            "Ваш сеанс уже идёт или стоит на паузе за другим ПК или в другом клубе сети. Завершите его там"
            " или позовите администратора."
        ),
        "not_enough_money": _("На балансе не хватает денег."),
        "no_time_left": _("Оплаченного времени не осталось."),
        "pause_not_allowed": _("Время, по которому вы играете, продано без паузы."),
        "tariff_not_available": _("Этот тариф сейчас недоступен. Выберите другой."),
        "application_not_available": _("Эта программа на этом ПК недоступна."),
        "application_failed": _("Программа не запустилась. Позовите администратора."),
        "computer_busy": _("ПК занят другим сеансом. Позовите администратора."),
        "computer_broken": _("Этот ПК не работает. Выберите другой или позовите администратора."),
        "computer_kept": _("Этот ПК отложен для другого игрока. Выберите другой ПК."),
        "age_unconfirmed": _(
            "После 22:00 нужен документ: подойдите к администратору. Оплаченное время не пропадёт."
        ),
        "minor_at_night": _(
            "С 22:00 до 06:00 несовершеннолетние играют только с родителями. Оплаченное время не пропадёт."
        ),
        "age_unconfirmed_past_night": _(
            "Этот тариф идёт дольше 22:00: покажите документ администратору или выберите тариф короче."
        ),
        "minor_past_night": _("Этот тариф идёт дольше 22:00. Выберите тариф короче."),
        "time_waits": _(
            "Это время можно играть только в свои дни и часы. Оно никуда не денется; когда — знает администратор."
        ),
        "time_not_sold_there": _(
            "Ваше время куплено для другой зоны. Выберите ПК там или подойдите к администратору."
        ),
        "payment_not_offered": _("Оплатить здесь нельзя. Заплатите у администратора."),
        "amount_out_of_range": _("Такую сумму здесь внести нельзя. Выберите другую."),
        "phone_missing": _(
            "Для счёта в Kaspi нужен ваш номер телефона. Назовите его администратору."
        ),
        "payment_not_open": _("Этот счёт уже закрыт."),
        "promo_code_wrong": _("Такого промокода нет. Проверьте буквы и цифры."),
        "promo_not_yet": _("Акция ещё не началась."),
        "promo_over": _("Акция закончилась."),
        "promo_used_by_customer": _("Вы уже получили подарок по этой акции."),
        "promo_used_up": _("Этот промокод уже использован."),
        "second_factor_needed": _("Введите код второго фактора."),
        "wrong_second_factor": _("Код не подошёл. Возьмите свежий; каждый код действует один раз."),
        "not_allowed": _("На это у вас нет прав."),
        "no_such_customer": _("Клиента с таким логином нет."),
        "shift_needed": _("Сначала откройте смену в админке."),
        "fields_wrong": _("Проверьте, что вписано: название, путь, сумму."),
        "server_unreachable": _("Нет связи с сервером. Попробуйте ещё раз."),
        "server_error": _("Ошибка на сервере. Попробуйте ещё раз или позовите администратора."),
    }[code]


def ended_text(reason: str) -> str:
    """Why the last session ended, for the player to read on the lock; empty: nothing to say."""
    return {
        "time_over": _("Время вышло. Войдите, чтобы купить ещё."),
        "signed_out": _("Сеанс завершён. Войдите, чтобы увидеть, что осталось."),
        "ended_by_desk": _("Администратор завершил сеанс. Войдите, чтобы увидеть, что осталось."),
        "moved": _("Сеанс перенесён на другой ПК."),
        "power_cut": _("ПК выключался. Войдите: оставшееся время сохранено."),
        "night": _("22:00: без документа или родителей играть нельзя. Оставшееся время сохранено."),
        "lease_over": _(
            "Долго не было связи с сервером, сеанс остановлен. Оставшееся время сохранено."
        ),
    }.get(reason, "")


def kept_text(*, has_account: bool, in_game: bool) -> str:
    """The time is over, and yet everything is still as it was: what is to be done about it."""
    if has_account and in_game:
        return _("Время вышло, но игра открыта и ждёт. Купите время — и вы снова в матче.")
    if has_account:
        return _("Время вышло. Купите ещё, и ПК откроется.")
    if in_game:
        return _(
            "Время вышло, но игра открыта и ждёт. Доплатите администратору — и вы снова в матче."
        )
    return _("Время вышло. Продлить можно у администратора.")


def leaving_text(plan: Sequence[TimeView]) -> str:
    """What becomes of each piece of time when the player leaves, where it is not simply kept.

    What the balance pays by the minute is no time that is kept: the money stays where it is.
    """
    if plan and all(time.hour_tiyn is not None for time in plan):
        return _("Деньги останутся на балансе.")
    plan = [time for time in plan if time.hour_tiyn is None]
    sentences = {
        "runs_on": _("«{title}» идёт и без вас."),
        "expires": _("«{title}»: остаток {time} сгорит."),
        "refunded": _("«{title}»: деньги за {time} вернутся на баланс."),
    }
    found = [
        sentences[time.when_leaving].format(title=time.title, time=format_duration(time.seconds))
        for time in plan
        if time.when_leaving in sentences
    ]
    if len(found) < len(plan):
        found.append(
            _("Остальное время сохранится на вашем счёте.")
            if found
            else _("Время сохранится на вашем счёте.")
        )
    return " ".join(found)


def pausing_text(seconds_left: int, plan: Sequence[TimeView]) -> str:
    """What becomes of time, games and PC at the player's own pause, a line each."""
    left = _("Осталось {left}.").format(left=format_duration(seconds_left))
    return "\n".join(
        [
            " ".join([left, *_standing(plan, _("Время остановится."))]),
            *_borders(plan),
            _("Экран закроется. Игры останутся открытыми, матч не ждёт."),
            _("Вернуться: войдите здесь или за другим ПК."),
        ]
    )


def paused_text(session: SessionView) -> str:
    """The player has paused: what time does, and how they go on."""
    if not session.seconds_left:
        return _(
            "Сеанс на паузе, но играть сейчас нечего. Войдите тем же логином и увидите, что осталось."
        )
    return " ".join(
        [
            _("Сеанс на паузе."),
            *_standing(session.plan, _("Время не идёт.")),
            *_borders(session.plan),
            _("Чтобы продолжить, войдите тем же логином."),
        ]
    )


def _standing(plan: Sequence[TimeView], words: str) -> list[str]:
    """`words` for time that stands still; what has an end by the clock runs on."""
    runs_on = [time.title for time in plan if time.when_leaving == "runs_on"]
    stands = [words] if len(runs_on) < len(plan) or not plan else []
    return stands + [_("«{title}» идёт и на паузе.").format(title=title) for title in runs_on]


def _borders(plan: Sequence[TimeView]) -> list[str]:
    """What a long pause changes; what ends alike is named together."""
    sentences = {
        "waits": _("{titles} — до {until}, остаток подождёт своих часов."),
        "expires": _("{titles} — до {until}, остаток сгорит."),
        "refunded": _("{titles} — до {until}, деньги вернутся на баланс."),
        "night": _("В {until} игра остановится на ночь, остаток сохранится."),
    }
    ends: dict[tuple[str, str], list[str]] = {}
    for time in plan:
        if time.then in sentences:
            ends.setdefault((time.then, time.until), []).append(
                _("«{title}»").format(title=time.title)
            )
    return [
        sentences[then].format(titles=", ".join(dict.fromkeys(titles)), until=until)
        for (then, until), titles in ends.items()
    ]


def plan_text(plan: Sequence[TimeView]) -> str:
    """What is played after what is played now, and what waits for another day; empty where nothing does."""
    later = [", ".join([_named(time), format_duration(time.seconds)]) for time in plan[1:]]
    waits = sum(time.later_seconds for time in plan)
    parts = [_("потом {times}").format(times="; ".join(later))] if later else []
    if waits:
        parts.append(_("ещё {time} ждут своих часов").format(time=format_duration(waits)))
    return " · ".join(parts)


def now_text(title: str, plan: Sequence[TimeView]) -> str:
    """What is played now, and at which price if the balance pays for it by the minute."""
    return _named(plan[0]) if plan and plan[0].title == title else title


def _named(time: TimeView) -> str:
    if time.hour_tiyn is None:
        return time.title
    return f"{time.title}, {format_hourly(time.hour_tiyn)}"


def call_text(call: CallView | None) -> str:
    """What became of the call for the desk; empty where there is none."""
    if call is None:
        return ""
    if not call.taken_by:
        return _("Администратор знает")
    return _("Идёт {name}").format(name=call.taken_by)


def night_text() -> str:
    """What stops, and what to do about it."""
    return _(
        "В 22:00 сеанс остановится, остаток сохранится. Есть 18 лет — покажите документ администратору."
    )


def paid_text(paid: PaidView) -> str:
    """The money is there."""
    amount = format_money(paid.amount_tiyn)
    if paid.late:
        return _("Зачислено {amount}: оплата прежнего счёта дошла.").format(amount=amount)
    return _("Баланс пополнен на {amount}").format(amount=amount)


def gift_text(gift: GiftView) -> str:
    """What a promo code gave."""
    if gift.seconds:
        return _("Подарок: {time}").format(time=format_duration(gift.seconds))
    return _("Подарок: {amount} бонусами").format(amount=format_money(gift.bonus_tiyn))


def operation_text(row: OperationView) -> str:
    """What became of a player's money or time; a word for kinds that may come as well."""
    words = {
        "top_up": _("Бонусы за пополнение") if row.bonus_tiyn > 0 else _("Пополнение"),
        "top_up_taken_back": _("Отмена пополнения"),
        "sale": _("Куплено: {title}"),
        "time_granted": _("Время от администратора"),
        "promo_time": _("Подарок: {title}"),
        "promo_bonus": _("Подарок по промокоду"),
        "bonus_by_staff": _("Бонусы от клуба"),
        "bonus_taken_back": _("Отмена бонусов"),
        "bonus_annulled": _("Бонусы списаны"),
        "time.refunded": _("Возврат за несыгранное время"),
        "goods_sold": _("Покупка в баре"),
        "goods_taken_back": _("Возврат покупки в баре"),
        "zone_difference": _("Доплата за зону"),
        "debt_paid": _("Оплата долга"),
        "debt_reopened": _("Долг снова: пополнение отменено"),
        "debt_forgiven": _("Долг прощён"),
        "payment_given": _("Возврат за несостоявшуюся покупку"),
        "payment_refunded": _("Возврат оплаты"),
        "payment_refund_rejected": _("Возврат оплаты не прошёл"),
        "opening_balance": _("Перенесено из прежней системы"),
        "opening_time": _("Перенесено из прежней системы: {title}"),
        "opening_balance_back": _("Перенос отменён"),
        "customer_paid_out": _("Выдано наличными"),
        "played": _("Игра, {title}"),
        "playing": _("Игра сейчас, {title}"),
    }
    text = words.get(row.kind, _("Операция")).format(title=row.title)
    ways = {"cash": _("наличными"), "card": _("картой"), "kaspi": _("через Kaspi")}
    way = ways.get(row.detail, "") if row.tiyn else ""
    if row.detail == "desk":
        way = _("посадил администратор")
    where = _("клуб «{club}»").format(club=row.club) if row.club else ""
    return ", ".join(part for part in (text, way, where) if part)


def promo_answer_text(code: AnswerCode) -> str:
    """Why a promo code gave nothing; empty for `ok`."""
    if code == "too_many_attempts":
        return _("Слишком много неверных кодов. Попробуйте через 5 минут.")
    return answer_text(code)


def asked_text(state: str, way: str) -> str:
    """What is to be done about a question that stands so; words for states that may come as well."""
    if state == "waiting" and way == "code":
        return _("Откройте Kaspi на телефоне, «Kaspi QR», и наведите камеру на код.")
    if state == "waiting":
        return _("Счёт пришёл в приложение Kaspi на ваш телефон. Оплатите его там.")
    return {
        "asking": _("Спрашиваем Kaspi…"),
        "expired": _(
            "Время вышло. Если вы уже заплатили, деньги придут сами; если нет, возьмите новый счёт."
        ),
        "failed": _(
            "Kaspi не принял запрос, или оплату отклонили. Попробуйте ещё раз или заплатите у администратора."
        ),
        "unknown": _(
            "Kaspi не отвечает: похоже, в клубе нет интернета. Попробуйте позже или заплатите у администратора. "
            "Если деньги уже списаны, они придут сами."
        ),
        "review": _("Пришла другая сумма. Администратор проверит и зачислит её."),
    }.get(state, _("Подождите."))


def deed_text(what: str) -> str:
    """What the desk has just done here, for the player to know."""
    return {
        "restart": _("Администратор перезагружает этот ПК."),
        "shut_down": _("Администратор выключает этот ПК."),
        "screenshot": _("Администратор посмотрел снимок этого экрана."),
    }.get(what, "")


def warning_text(minutes_left: int) -> str:
    """The warning before time runs out."""
    return _("Осталось {minutes} мин").format(minutes=minutes_left).replace(" ", NO_BREAK_SPACE)
