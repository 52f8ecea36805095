"""A real process of HTTP over TLS that checks every signature: what is kept, what is refused, and who learns what."""

import hashlib
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lovhub import config_loader
from lovhub.server.backups import store
from lovhub.server.backups.store import Store, StoreFailed
from lovhub.server.backups.store_texts import PROBLEMS
from lovhub.server.certificate import ensure_certificate
from tests.support.s3 import SECRET_KEY, S3Server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("certificate")
    ensure_certificate(made, time.time())
    shutil.copyfile(made / "cert.pem", made / "store.pem")
    return made


@pytest.fixture
def server(certificate: Path) -> Iterator[S3Server]:
    with S3Server(certificate) as running:
        yield running


def opened(certificate: Path, server: S3Server, **changes: str) -> Store:
    found = read(certificate, {**server.settings, **changes})
    assert found.wrong == ""
    assert found.store is not None
    return found.store


def read(folder: Path, options: dict[str, str]) -> store.Settings:
    lines = "\n".join(f"{name} = {value}" for name, value in options.items())
    (folder / "config.ini").write_text(f"[S3]\n{lines}\n", encoding="utf-8")
    section = config_loader.load(folder / "config.ini").s3
    return store.read(section, folder, lambda: int(time.time()))


def why(ask: Callable[[], object]) -> str:
    with pytest.raises(StoreFailed) as failure:
        ask()
    assert failure.value.code in PROBLEMS
    return failure.value.code


def test_what_is_put_there_is_listed_brought_back_and_removed(
    certificate: Path, server: S3Server, tmp_path: Path
) -> None:
    there = opened(certificate, server)
    server.page = 2
    for number in range(5):
        path = tmp_path / "file"
        path.write_bytes(bytes([number]) * (number * 700_000 + 1))
        there.put(f"x/{number} ё+&.zip", path, hashlib.sha256(path.read_bytes()).hexdigest())
    server.objects["lovhub/elsewhere"] = b"not ours"
    assert there.all() == {f"x/{n} ё+&.zip": n * 700_000 + 1 for n in range(5)}
    back = tmp_path / "back"
    there.get("x/4 ё+&.zip", back)
    assert back.read_bytes() == path.read_bytes()
    there.remove("x/4 ё+&.zip")
    assert "x/4 ё+&.zip" not in there.all()
    assert why(lambda: there.get("x/4 ё+&.zip", back)) == "object_unknown"


def test_what_arrives_otherwise_than_it_was_sent_is_refused(
    certificate: Path, server: S3Server, tmp_path: Path
) -> None:
    there = opened(certificate, server)
    path = tmp_path / "file"
    path.write_bytes(b"spoilt on the way")
    assert why(lambda: there.put("x", path, hashlib.sha256(b"as it was").hexdigest())) == "refused"
    assert server.objects == {}


def test_every_failure_says_what_to_do_and_nobody_learns_the_key(
    certificate: Path, server: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        there = opened(certificate, server)
        for changes, code in (
            ({"SecretKey": "another"}, "sign_in"),
            ({"AccessKey": "another"}, "sign_in"),
            ({"Bucket": "another"}, "bucket_unknown"),
            ({"Region": "us-east-1"}, "region"),
            ({"CaFile": ""}, "certificate"),
            ({"Endpoint": "https://localhost:9"}, "no_connection"),
        ):
            assert why(opened(certificate, server, **changes).all) == code
        for answer, code in (
            ((503, "SlowDown"), "no_connection"),
            ((500, "InternalError"), "no_connection"),
            ((301, "PermanentRedirect"), "region"),
            ((302, ""), "region"),
            ((403, "AccessDenied"), "denied"),
            ((507, "XMinioStorageFull"), "full"),
            ((418, "Teapot"), "refused"),
        ):
            server.broken_with = answer
            assert why(there.all) == code
        server.broken_with = None
        server.now = lambda: time.time() + 3600
        assert why(there.all) == "clock"
    assert SECRET_KEY not in caplog.text + repr(there) + str(server.asked)


def test_a_store_that_talks_nonsense_is_refused(certificate: Path, server: S3Server) -> None:
    there = opened(certificate, server)
    server.objects["lovhub/arena/\x00"] = b""  # no XML can hold that
    assert why(there.all) == "refused"


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"Endpoint": "http://s3.kz"}, "Endpoint"),
        ({"Endpoint": "https://a:b@s3.kz"}, "Endpoint"),
        ({"Endpoint": "https://s3.kz/path"}, "Endpoint"),
        ({"Endpoint": ""}, "Endpoint"),
        ({"Bucket": "../etc"}, "Bucket"),
        ({"Folder": "../up"}, "Folder"),
        ({"Folder": "a b"}, "Folder"),
        ({"Region": "x y"}, "Region"),
        ({"AccessKey": ""}, "AccessKey"),
        ({"SecretKey": ""}, "SecretKey"),
        ({"CaFile": "none.pem"}, "CaFile"),
    ],
)
def test_a_mistake_in_the_file_is_named(
    certificate: Path, changes: dict[str, str], wrong: str
) -> None:
    right = {
        "Endpoint": "https://s3.kz", "Bucket": "club", "AccessKey": "key", "SecretKey": "word",
    }  # fmt: skip
    assert read(certificate, right).store is not None
    found = read(certificate, {**right, **changes})
    assert (found.store, found.wrong, found.is_wanted) == (None, wrong, True)
    assert read(certificate, {}).is_wanted is False
