"""Messages to the owner: what they are about, their states and failures in words."""

from flask_babel import lazy_gettext as _l

WAYS = {"email": _l("Почта"), "telegram": "Telegram", "apprise": "Apprise"}

TROUBLES = {
    "backup": _l("резервная копия не сделана или негодна"),
    "books": _l("учёт в резервной копии не сходится"),
    "lock": _l("замок ПК взломан"),
    "without_agent": _l("ПК включён без агента LoVHub"),
    "false_server": _l("кто-то выдаёт себя за сервер клуба"),
    "disk": _l("мало места на диске сервера"),
    "certificate": _l("срок сертификата HTTPS истекает"),
    "bank_certificate": _l("срок сертификата для Kaspi истекает"),
}

STATES = {
    "waiting": _l("ждёт отправки"),
    "sent": _l("отправлено"),
    "given_up": _l("не отправлено: устарело"),
}

PROBLEMS = {
    "no_connection": _l("нет связи с сервером почты, Telegram или службы Apprise"),
    "certificate": _l("сертификат сервера не прошёл проверку"),
    "sign_in": _l("не подходит логин, пароль или токен"),
    "refused": _l("сервер отказал: проверьте адрес получателя"),
    "settings_wrong": _l("ошибка в config.ini"),
    "not_set_up": _l("не настроено в config.ini"),
    "target_missing": _l("получатель не указан"),
    "unexpected": _l("ошибка сервера, подробности в его журнале"),
}
