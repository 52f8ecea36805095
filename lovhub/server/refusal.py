"""Why the server does not start, as one sentence that also says what to do."""

import errno
import sqlite3
from gettext import gettext as _

from sqlalchemy.exc import DBAPIError, OperationalError

from lovhub.clock import ClockRefused
from lovhub.config_loader import ConfigError
from lovhub.server.console import refuse
from lovhub.server.database.backup import BackupFailed
from lovhub.server.database.migrate import DatabaseTooNew


class StartRefused(Exception):
    """The server cannot start like this; nothing was changed. `code` is one of those in `sentence`."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


FORESEEN = (
    StartRefused, ConfigError, ClockRefused, BackupFailed,
    DatabaseTooNew, OSError, DBAPIError, sqlite3.Error,
)  # fmt: skip
"""What `sentence` has words for."""

_DISK_TROUBLES = (
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM",
    "SQLITE_CORRUPT", "SQLITE_NOTADB",
)  # fmt: skip
_POSTGRES_TROUBLES = {"53100": "disk_full", "25006": "disk_read_only", "58030": "disk_error"}

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
        "kaspi_fake": _(
            "Режим Kaspi «fake» — это ненастоящий банк, он работает только в демонстрации (lovhub demo): в config.ini"
            " выберите другой Mode в разделе [Kaspi] или «off»."
        ),
        "kaspi_missing": _(
            "Для режима Kaspi «{mode}» в config.ini не заполнено {option} в разделе [Kaspi]: впишите значение"
            " (откуда его взять, сказано в docs/ru/kaspi.md) или поставьте Mode = off."
        ),
        "kaspi_short": _(
            "В config.ini слишком короткий секрет {option} в разделе [Kaspi] (нужно не меньше {minimum} символов):"
            " замените его на тот, что выдал провайдер, или придумайте длиннее."
        ),
        "kaspi_wrong": _(
            "В config.ini не годится значение {option} в разделе [Kaspi]: исправьте его по docs/ru/kaspi.md или"
            " поставьте Mode = off."
        ),
        "kaspi_certificate": _(
            "Сертификат Kaspi не читается ({option} в разделе [Kaspi] config.ini): проверьте путь к файлу, ключ и его"
            " пароль."
        ),
        "fiscal_mode": _(
            "В config.ini неизвестный режим «{mode}» в разделе [Fiscal]: поставьте Mode = off. Настоящий оператор"
            " подключается по договору, об этом сказано в docs/ru/fiscal.md."
        ),
        "fiscal_fake": _(
            "Режим «fake» в разделе [Fiscal] — это ненастоящий оператор, он работает только в демонстрации"
            " (lovhub demo): поставьте Mode = off."
        ),
        "fiscal_wrong": _(
            "В config.ini не годится значение {option} в разделе [Fiscal]: исправьте его или поставьте Mode = off."
        ),
        "database_url": _(
            "В config.ini неверный адрес базы в [Database] Url: он должен начинаться с"
            " «postgresql+psycopg://»; удалите строку, чтобы работать со встроенной базой."
        ),
        "club_number": _(
            "В config.ini строка Number = {text} в разделе [Club]: нужен номер клуба в сети, целое число от 1."
        ),
        "club_alone": _(
            "В config.ini стоит номер клуба {text}, но несколько клубов бывает только в общей базе PostgreSQL: укажите"
            " её адрес в [Database] Url или уберите строку Number (docs/ru/chain.md)."
        ),
        "role_of_one": _(
            "Роль «{role}» есть только у серверов с общей базой PostgreSQL: уберите ключ --role или переведите клуб на"
            " PostgreSQL (docs/ru/postgresql.md)."
        ),
        "admin_login_missing": _(
            "В config.ini есть AdminPassword, но нет AdminUsername: допишите логин владельца или удалите пароль,"
            " тогда владелец создаётся в браузере."
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
        "callback_port": _(
            "В config.ini строка CallbackPort = {text}: нужен номер порта от 1 до 65535, не тот, что у сервера."
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
        "backup_failed": _(
            "Не удалось сделать копию базы перед обновлением ({reason}): установите программы PostgreSQL"
            " (pg_dump) той же версии, что и сервер базы, и запустите снова. База не изменена."
        ),
        "database_missing": _(
            "В папке «{folder}» нет базы LoVHub: укажите папку клуба ключом --data."
        ),
        "database_old": _(
            "База данных от более старой версии LoVHub: запустите сервер (lovhub serve), он обновит её сам."
        ),
        "database_busy": _(
            "База lovhub.sqlite3 занята другой программой: закройте её (например, просмотрщик базы) и повторите."
        ),
        "database_unreachable": _(
            "Нет связи с базой данных: проверьте, что она запущена, и адрес [Database] Url в config.ini."
        ),
        "database_in_use": _(
            "С этой базой PostgreSQL работает сервер LoVHub, который не пускает других: он обновляет или"
            " восстанавливает базу, или это старая версия. Подождите и запустите снова, а старую версию остановите."
        ),
        "database_serves": _(
            "С этой базой PostgreSQL работают серверы LoVHub: остановите их все и повторите."
        ),
        "database_of_older_servers": _(
            "С этой базой PostgreSQL работают серверы LoVHub другой версии: остановите их все, запустите эту версию,"
            " она обновит базу, а затем остальные, той же версии."
        ),
        "node_keys_differ": _(
            "С этой базой PostgreSQL работает сервер LoVHub с другими ключами: скопируйте в эту папку его identity.pem"
            " и строку SecretKey из его config.ini, или укажите другую базу в [Database] Url."
        ),
        "node_clock_differs": _(
            "Часы этого компьютера расходятся с часами другого сервера LoVHub больше чем на пять секунд: включите на"
            " обоих точное время (NTP) и запустите снова."
        ),
        "disk_full": _(
            "На диске с папкой данных нет места: освободите место и запустите сервер снова."
        ),
        "disk_read_only": _(
            "В папку данных нельзя писать: проверьте права доступа и что диск не защищён от записи."
        ),
        "disk_error": _(
            "Папка данных не отвечает как надо ({reason}): проверьте диск и права доступа и запустите снова."
        ),
        "test_clock": _(
            "Ключ --test-clock разрешён только в папке, созданной для испытаний: для работы клуба"
            " запустите сервер без него."
        ),
    }


def sentence(error: Exception) -> str | None:
    """One sentence for the person at the console; None for an error that is not in FORESEEN."""
    named = _named(error)
    if named is None:
        return None
    code, values = named
    return _texts()[code].format(**values)


def told(error: Exception) -> None:
    """Say it to the person at the console. Raises `error` on where there are no words for it."""
    known = sentence(error)
    if known is None:
        raise error
    refuse(known)


def _named(error: BaseException | None) -> tuple[str, dict[str, str | int]] | None:
    if isinstance(error, StartRefused | ConfigError):
        return error.code, error.values
    if isinstance(error, ClockRefused):
        return "test_clock", {}
    if isinstance(error, BackupFailed):
        return "backup_failed", {"reason": error.reason}
    if isinstance(error, DatabaseTooNew):
        return "database_too_new", {"revision": error.revision}
    if isinstance(error, OSError):
        return _disk_code(error), {"reason": error.strerror or type(error).__name__}
    if isinstance(error, sqlite3.Error):
        return _sqlite_code(error), {"reason": str(error)}
    if isinstance(error, DBAPIError):
        if isinstance(error.orig, sqlite3.Error):
            return _named(error.orig)
        return "database_unreachable", {}
    return None


def trouble(error: DBAPIError) -> str | None:
    """What is wrong with the disk or the database while the server runs; None for a mistake in the program."""
    if isinstance(error.orig, sqlite3.Error):
        name = getattr(error.orig, "sqlite_errorname", "")
        return _sqlite_code(error.orig) if name.startswith(_DISK_TROUBLES) else None
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in _POSTGRES_TROUBLES:
        return _POSTGRES_TROUBLES[state]
    # Without a state it is the connection that failed; 08 and 57P: the server went away, or lets nobody in.
    gone = isinstance(error, OperationalError) and (not state or state.startswith(("08", "57P")))
    return "database_unreachable" if gone or error.connection_invalidated else None


def _disk_code(error: OSError) -> str:
    if error.errno in _FULL:
        return "disk_full"
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return "disk_read_only"
    return "disk_error"


def _sqlite_code(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "database_busy"
    if name.startswith(("SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT_READ")):
        return "disk_error"
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return "disk_full"
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return "disk_read_only"
    return "database_damaged"
