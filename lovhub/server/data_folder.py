"""The folder that holds everything a club has: settings, keys, database, backups, logs.

One server at a time: an exclusive lock on `server.lock` is held as long as the process lives, and goes with
it however it dies.
"""

import importlib
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import ArgumentError

from lovhub import config_loader
from lovhub.config_loader import Config, ConfigError, write_private
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import check_version
from lovhub.server.database.row_seals import SealKey
from lovhub.server.refusal import StartRefused

_DATABASE_NAME = "lovhub.sqlite3"

_FIRST_CONFIG = """\
; Настройки сервера LoVHub. После изменения перезапустите сервер.

[Flask]
; Секретный ключ этого сервера: не показывайте его никому.
SecretKey = {secret_key}

[Admin]
; Владелец создаётся в браузере по ссылке из окна сервера.

[Database]
; Встроенная база не требует настройки. Для PostgreSQL:
; Url = postgresql+psycopg://пользователь:пароль@адрес/база

[Kaspi]
; Без строки Mode оплата через Kaspi выключена.
; Mode = off
"""


@dataclass(frozen=True)
class DataFolder:
    """A data folder that is locked for this process."""

    path: Path
    lock: IO[bytes]

    @property
    def config_path(self) -> Path:
        """`config.ini`."""
        return self.path / config_loader.FILE_NAME

    @property
    def backups(self) -> Path:
        """Where copies of the database go."""
        return self.path / "backups"

    @property
    def log_file(self) -> Path:
        """The server's log."""
        return self.path / "logs" / "server.log"

    def database_url(self, config: Config) -> str:
        """The database in use: the embedded one unless `config.ini` names another."""
        return database_url(self.path, config)

    def close(self) -> None:
        """Let another server have it."""
        self.lock.close()


def database_url(folder: Path, config: Config) -> str:
    """The database of the club in `folder`: the embedded one unless `config.ini` names another."""
    return config.database_url or f"sqlite:///{(folder / _DATABASE_NAME).as_posix()}"


def seal_key(config: Config) -> SealKey:
    """What the club's server seals the rows of its database with."""
    return SealKey(config.secret_key.encode(), config.club_id)


def open_database(url: str, seals: SealKey) -> Database:
    """The database at `url`, with all its tables known; raises ConfigError if that is no address of one."""
    # A short command imports its own domain only, but tables refer to those of other domains.
    importlib.import_module("lovhub.server.database.tables")
    try:
        return Database(url, seals)
    except (ArgumentError, ValueError) as error:
        # The address may hold a password: what exactly is wrong with it stays untold.
        raise ConfigError("database_url") from error


@contextmanager
def existing_database(folder: Path) -> Iterator[tuple[Database, Config]]:
    """The database of a club, for a command that may run beside the server; raises StartRefused.

    Such a command changes no tables: the database must be of this program's version (DatabaseTooNew).
    """
    config = config_loader.load(folder / config_loader.FILE_NAME)
    url = database_url(folder, config)
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        raise StartRefused("database_missing", folder=str(folder))
    with closing(open_database(url, seal_key(config))) as database:
        if not check_version(database):
            raise StartRefused("database_old")
        yield database, config


def open_folder(path: Path) -> DataFolder:
    """Make the folder if need be and lock it; raises StartRefused."""
    path = path.resolve()
    if path.exists() and not path.is_dir():
        raise StartRefused("folder_unusable", folder=str(path))
    if sys.platform != "win32":
        # Everything that is made here from now on, by SQLite too, is for this user only.
        os.umask(0o077)
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = (path / "server.lock").open("ab")
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise StartRefused("folder_unusable", folder=str(path)) from error
    if not _lock(lock):
        lock.close()
        raise StartRefused("folder_in_use", folder=str(path))
    return DataFolder(path=path, lock=lock)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def ensure_config(folder: DataFolder) -> Config:
    """The settings; a first `config.ini`, or a secret key in an existing one, is made if missing."""
    if not folder.config_path.exists():
        text = _FIRST_CONFIG.format(secret_key=secrets.token_hex(32))
        write_private(folder.config_path, text.encode())
    config = config_loader.load(folder.config_path)
    if not config.secret_key:
        config_loader.set_option(folder.config_path, "Flask", "SecretKey", secrets.token_hex(32))
        config = config_loader.load(folder.config_path)
    return config


def ensure_identity(folder: DataFolder) -> Ed25519PrivateKey:
    """The club's long-lived key in `identity.pem`, made at the first start; raises StartRefused."""
    path = folder.path / "identity.pem"
    if not path.exists():
        if (folder.path / _DATABASE_NAME).exists():
            # The key is made before the first database: if only the key is gone, a new one would turn every
            # paired PC away for good, without a word.
            raise StartRefused("identity_unreadable")
        key = Ed25519PrivateKey.generate()
        write_private(
            path,
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )
        return key
    try:
        found = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, OSError, UnsupportedAlgorithm) as error:
        raise StartRefused("identity_unreadable") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise StartRefused("identity_unreadable")
    return found
