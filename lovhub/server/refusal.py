"""Why the server does not start, as one sentence that also says what to do."""

import errno
import sqlite3
from gettext import gettext as _

from sqlalchemy.exc import DBAPIError

from lovhub.clock import ClockRefused
from lovhub.config_loader import ConfigError
from lovhub.server.database.migrate import DatabaseTooNew
from lovhub.server.errors import OperationRefused


class StartRefused(Exception):
    """The server cannot start like this; nothing was changed. `code` is one of those in `sentence`."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


def _texts() -> dict[str, str]:
    return {
        "unreadable": _(
            "Не удалось прочитать config.ini: проверьте, что это текстовый файл и что у вас есть права"
            " на его чтение."
        ),
        "malformed": _(
            "В config.ini ошибка в строке {line}: исправьте её (настройки пишутся как «Имя = значение»"
            " под заголовком «[Раздел]»)."
        ),
        "secret_key_short": _(
            "В config.ini слишком короткий SecretKey (нужно не меньше {minimum} символов): удалите эту"
            " строку, и сервер создаст надёжный ключ сам."
        ),
        "kaspi_mode": _(
            "В config.ini неизвестный режим Kaspi «{mode}»: исправьте строку Mode в разделе [Kaspi] или"
            " удалите её, тогда Kaspi будет выключен."
        ),
        "database_url": _(
            "В config.ini неверный адрес базы в [Database] Url: он должен начинаться с"
            " «postgresql+psycopg://»; удалите строку, чтобы работать со встроенной базой."
        ),
        "admin_password": _(
            "Логин или пароль из раздела [Admin] в config.ini не подходит: задайте непустой"
            " AdminUsername и AdminPassword не короче 8 символов или удалите обе строки, тогда владелец"
            " создаётся в браузере."
        ),
        "folder_unusable": _(
            "Папка данных «{folder}» недоступна: укажите другую ключом --data или проверьте права"
            " доступа."
        ),
        "folder_in_use": _(
            "С папкой данных «{folder}» уже работает другой сервер LoVHub: остановите его или укажите"
            " другую папку ключом --data."
        ),
        "port_busy": _(
            "Порт {port} уже занят другой программой: закройте её или укажите другой порт ключом --port."
        ),
        "port_forbidden": _(
            "Система не разрешает открыть порт {port}: укажите порт больше 1023 ключом --port."
        ),
        "host_unknown": _(
            "У этого компьютера нет адреса «{host}»: исправьте ключ --host или уберите его, чтобы"
            " отвечать на всех адресах."
        ),
        "certificate_alone": _(
            "Из пары cert.pem и key.pem есть только {present}: верните второй файл или удалите этот,"
            " и сервер создаст новую пару сам."
        ),
        "certificate_unreadable": _(
            "Файл {file} не читается как сертификат или ключ без пароля: замените его или удалите cert.pem"
            " и key.pem, и сервер создаст новую пару сам."
        ),
        "certificate_mismatch": _(
            "Файлы cert.pem и key.pem не подходят друг к другу: положите парные файлы или удалите оба,"
            " и сервер создаст новую пару сам."
        ),
        "certificate_expired": _(
            "Срок сертификата cert.pem истёк {date}: замените cert.pem и key.pem или удалите оба, и сервер"
            " создаст новую пару сам."
        ),
        "identity_unreadable": _(
            "Файл identity.pem пропал или повреждён, а по нему игровые ПК узнают сервер: верните его из резервной"
            " копии."
        ),
        "database_too_new": _(
            "База данных создана более новой версией LoVHub ({revision}): установите её или верните базу"
            " из резервной копии."
        ),
        "database_damaged": _(
            "Файл базы lovhub.sqlite3 повреждён или это не база LoVHub: верните его из резервной копии"
            " (папка backups)."
        ),
        "database_missing": _(
            "В папке «{folder}» нет базы LoVHub: укажите папку клуба ключом --data."
        ),
        "database_unreachable": _(
            "Нет связи с базой данных: проверьте, что она запущена, и адрес [Database] Url в config.ini."
        ),
        "disk_full": _(
            "На диске с папкой данных нет места: освободите место и запустите сервер снова."
        ),
        "disk_read_only": _(
            "В папку данных нельзя писать: проверьте права доступа и что диск не защищён от записи."
        ),
        "test_clock": _(
            "Ключ --test-clock разрешён только в папке, созданной для испытаний: для работы клуба"
            " запустите сервер без него."
        ),
    }


def sentence(error: Exception) -> str | None:
    """One sentence for the person at the console; None for an error that nobody foresaw."""
    named = _named(error)
    if named is None:
        return None
    code, values = named
    return _texts()[code].format(**values)


def _named(error: Exception) -> tuple[str, dict[str, str | int]] | None:
    if isinstance(error, StartRefused | ConfigError):
        return error.code, error.values
    if isinstance(error, ClockRefused):
        return "test_clock", {}
    if isinstance(error, DatabaseTooNew):
        return "database_too_new", {"revision": error.revision}
    if isinstance(error, OperationRefused):
        return "admin_password", {}
    if isinstance(error, OSError):
        code = _disk_code(error)
        return None if code is None else (code, {})
    if isinstance(error, DBAPIError):
        return _database_code(error), {}
    return None


def _disk_code(error: OSError) -> str | None:
    if error.errno in _FULL:
        return "disk_full"
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return "disk_read_only"
    return None


def _database_code(error: DBAPIError) -> str:
    if not isinstance(error.orig, sqlite3.Error):
        return "database_unreachable"
    name = getattr(error.orig, "sqlite_errorname", "")
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return "disk_full"
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return "disk_read_only"
    return "database_damaged"
