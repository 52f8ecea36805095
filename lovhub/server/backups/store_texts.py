"""Why a store did not do it, in words that say what to do; for pages and for the console."""

from flask_babel import lazy_gettext as _l

PROBLEMS = {
    "none": _l("не задано: заполните раздел [S3] в config.ini (в консоли можно указать другой файл: --store-file)"),
    "settings_wrong": _l("ошибка в разделе [S3] файла config.ini"),
    "passphrase_missing": _l("не задан пароль для копий, а без него наружу ничего не уходит: задайте его"),
    "disk": _l("файл не прочитать или не записать: проверьте место на диске и права"),
    "no_connection": _l("нет связи с хранилищем: проверьте интернет и строку Endpoint в разделе [S3]"),
    "certificate": _l("сертификат хранилища не прошёл проверку: для своего укажите CaFile в разделе [S3]"),
    "sign_in": _l("ключ не подходит: проверьте AccessKey и SecretKey в разделе [S3]"),
    "denied": _l("ключу этого нельзя: дайте ему право читать, писать, удалять и смотреть список в этом бакете"),
    "bucket_unknown": _l("такого бакета нет: проверьте строку Bucket в разделе [S3]"),
    "object_unknown": _l("такой копии там нет"),
    "many_clubs": _l("там копии нескольких клубов: укажите имя целиком, как его показывает lovhub backup list --store"),
    "other_passphrase": _l("копию зашифровал другой пароль: введите тот, что был тогда"),
    "clock": _l("часы сервера расходятся с часами хранилища: поправьте время"),
    "region": _l("другой регион: проверьте строки Region и Endpoint в разделе [S3]"),
    "full": _l("место в хранилище кончилось"),
    "too_large": _l("копия больше 5 ГБ: столько за раз хранилище не берёт, пользуйтесь второй папкой"),
    "refused": _l("хранилище отказало: проверьте раздел [S3]"),
}  # fmt: skip
"""Why a backup was not sent or brought home: every code of StoreFailed, and those of our own."""
