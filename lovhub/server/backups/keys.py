"""The club's keys in a backup: what a database alone cannot bring back.

* `identity.pem`: without it every paired PC turns the server away and must be paired again.
* `config.ini`: the secret key (guests' codes stay valid), the database's address, the Kaspi keys.
* `cert.pem`, `key.pem`: a certificate that the club may have bought.
"""

from pathlib import Path

import msgspec

from lovhub import config_loader
from lovhub.config_loader import write_private
from lovhub.server.backups import sealing

IDENTITY = "identity.pem"
CONFIG = config_loader.FILE_NAME
CERTIFICATE = ("cert.pem", "key.pem")

FILES = (IDENTITY, CONFIG, *CERTIFICATE)


def sealed(folder: Path) -> bytes | None:
    """The keys of the club in `folder`, sealed; None without a passphrase."""
    key = sealing.read_key(folder)
    if key is None:
        return None
    files = {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}
    return sealing.seal(key, msgspec.json.encode(files))


def opened(data: bytes, passphrase: str) -> dict[str, bytes]:
    """Name → content; raises OperationRefused for a wrong passphrase."""
    files = msgspec.json.decode(sealing.unseal(data, passphrase), type=dict[str, bytes])
    return {name: content for name, content in files.items() if name in FILES}


def secret_key(folder: Path, files: dict[str, bytes]) -> str:
    """The club's secret key among these; "" if it is not there. `folder`: where they are to be put back."""
    if CONFIG not in files:
        return ""
    brought = folder / f".{CONFIG}.brought"
    try:
        write_private(brought, files[CONFIG])
        return config_loader.read(brought).secret_key
    finally:
        brought.unlink(missing_ok=True)


def put_back(folder: Path, files: dict[str, bytes]) -> None:
    """Take over the keys. What this machine has of its own stays: its settings and its certificate."""
    if IDENTITY in files:
        write_private(folder / IDENTITY, files[IDENTITY])
    if CONFIG in files:
        _put_back_config(folder / CONFIG, files)
    if all(name in files for name in CERTIFICATE) and not any(
        (folder / name).exists() for name in CERTIFICATE
    ):
        for name in CERTIFICATE:
            write_private(folder / name, files[name])


def _put_back_config(path: Path, files: dict[str, bytes]) -> None:
    if not path.exists():
        write_private(path, files[CONFIG])
        return
    brought = secret_key(path.parent, files)
    if brought and brought != config_loader.read(path).secret_key:
        config_loader.set_option(path, "Flask", "SecretKey", brought)
