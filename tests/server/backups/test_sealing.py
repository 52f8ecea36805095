"""Backups under a passphrase: nobody else reads or changes them, and it is asked for where it is needed."""

import zipfile
from pathlib import Path

import pytest

from lovhub.server.backups import archive, folder, keys, restore, sealing, service
from lovhub.server.backups.keeper import Keeper, Restorations
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from tests.server.backups.helpers import PHRASE, SQLITE, make, path_of, url_of
from tests.support.club import OWNER, People, lay_backups_in


def test_keys_are_sealed_by_the_passphrase_and_come_back_with_it(
    club: ClubContext, people: People, data: Path
) -> None:
    (data / "identity.pem").write_bytes(b"the club's identity")
    (data / "config.ini").write_text("[Flask]\nSecretKey = 0123456789abcdef0123456789abcdef\n")
    without = make(club, data)
    assert archive.sealed_keys(path_of(data, without)) is None
    with pytest.raises(OperationRefused):
        service.set_passphrase(club, data, passphrase="короткий", actor=OWNER)
    service.set_passphrase(club, data, passphrase=PHRASE, actor=OWNER)
    assert PHRASE.encode() not in (data / sealing.FILE_NAME).read_bytes()
    made = make(club, data)
    assert made.has_keys
    packed = path_of(data, made).read_bytes()
    assert b"identity" not in packed.replace(b"identity.pem", b"")
    sealed = archive.sealed_keys(path_of(data, made))
    assert sealed is not None
    with pytest.raises(OperationRefused) as refused:
        keys.opened(sealed, PHRASE + "!")
    assert refused.value.values == {"phrase": "passphrase_wrong"}
    files = keys.opened(sealed, PHRASE)
    for name in ("identity.pem", "config.ini"):
        (data / name).unlink()
    club.database.close()
    restore.restore(data, url_of(club), path_of(data, made), files=files, actor=OWNER)
    assert (data / "identity.pem").read_bytes() == b"the club's identity"
    assert "0123456789abcdef" in (data / "config.ini").read_text()


def test_under_a_passphrase_nobody_else_reads_a_backup(
    club: ClubContext, people: People, data: Path, tmp_path: Path
) -> None:
    people.customer(name="Ерлан", balance_tiyn=500_00)
    second = lay_backups_in(club, tmp_path / "second")
    service.set_passphrase(club, data, passphrase=PHRASE, actor=OWNER)
    made = make(club, data)
    assert (made.is_sealed, made.check is not None and made.check.sound) == (True, True)
    for path in (path_of(data, made), second / made.name):
        with zipfile.ZipFile(path) as opened:
            assert set(opened.namelist()) == {"manifest.json", "database.sealed", "keys.sealed"}
    # A passphrase that was changed opens what it has sealed, and the club itself still checks it.
    service.set_passphrase(club, data, passphrase=PHRASE + " новый", actor=OWNER)
    assert service.check_backup(club, data, made.name).sound
    with pytest.raises(OperationRefused, match="passphrase_needed"):
        archive.extract_database(path_of(data, made), tmp_path / "plain")
    with pytest.raises(OperationRefused) as refused:
        archive.extract_database(
            path_of(data, made), tmp_path / "plain", passphrase=PHRASE + " новый"
        )
    assert refused.value.values == {"phrase": "passphrase_wrong"}
    archive.extract_database(path_of(data, made), tmp_path / "plain", passphrase=PHRASE)
    assert (tmp_path / "plain").stat().st_size > 100_000
    # On another machine, which then seals its own with the same passphrase.
    (data / sealing.FILE_NAME).unlink()
    assert service.check_backup(club, data, made.name).code == "sealed_otherwise"
    club.database.close()
    with pytest.raises(OperationRefused, match="passphrase_needed"):
        restore.restore(data, url_of(club), second / made.name, files=None, actor=OWNER)
    done = restore.restore(
        data, url_of(club), second / made.name, files=None, actor=OWNER, passphrase=PHRASE
    )
    assert not folder.find(service.backups_of(data), done.restore_point).is_sealed
    assert make(club, data).is_sealed


def test_what_a_sealed_backup_says_of_itself_cannot_be_changed(
    club: ClubContext, people: People, data: Path
) -> None:
    people.customer()
    service.set_passphrase(club, data, passphrase=PHRASE, actor=OWNER)
    made = make(club, data)
    path = path_of(data, made)
    with zipfile.ZipFile(path) as opened:
        content = {name: opened.read(name) for name in opened.namelist()}
    for name, changed in (
        ("manifest.json", content["manifest.json"].replace("Арена".encode(), "Аренв".encode())),
        ("database.sealed", content["database.sealed"][:-1]),
    ):
        with zipfile.ZipFile(path, "w") as cooked:
            for member, was in content.items():
                cooked.writestr(member, changed if member == name else was)
        assert service.check_backup(club, data, made.name).code == "damaged"


@SQLITE
def test_a_restore_in_the_admin_asks_for_a_passphrase_only_where_it_is_needed(
    club: ClubContext, people: People, data: Path
) -> None:
    people.customer()
    service.set_passphrase(club, data, passphrase=PHRASE, actor=OWNER)
    made = make(club, data)
    restorations = Restorations()
    keeper = Keeper(club, data, restorations)

    def begin(passphrase: str, *, without_keys: bool) -> None:
        keeper.begin_restore(
            made.name,
            passphrase=passphrase,
            without_keys=without_keys,
            confirmed="Арена",
            actor=OWNER,
        )
        keeper.wait()

    begin("", without_keys=True)
    wanted = restorations.take()
    assert wanted is not None
    assert PHRASE not in repr(wanted)
    (data / sealing.FILE_NAME).unlink()
    for phrase, why in (("", "passphrase_needed"), (PHRASE + "!", "passphrase_wrong")):
        for without_keys in (True, False):
            with pytest.raises(OperationRefused) as refused:
                begin(phrase, without_keys=without_keys)
            assert refused.value.values == {"phrase": why}
    begin(PHRASE, without_keys=True)
    wanted = restorations.take()
    assert wanted is not None
    assert PHRASE not in repr(wanted)
    assert wanted.passphrase == PHRASE


@SQLITE
def test_what_is_typed_into_an_open_backup_seals_nothing(
    club: ClubContext, people: People, data: Path
) -> None:
    people.customer()
    made = make(club, data)
    restorations = Restorations()
    keeper = Keeper(club, data, restorations)
    keeper.begin_restore(
        made.name, passphrase="typed", without_keys=False, confirmed="Арена", actor=OWNER
    )
    keeper.wait()
    wanted = restorations.take()
    assert wanted is not None
    assert wanted.passphrase == ""


def test_unsealing_takes_the_passphrase_and_no_endless_work() -> None:
    key = sealing.derive(PHRASE)
    sealed = sealing.seal(key, b"secret")
    assert sealing.unseal(sealed, PHRASE) == b"secret"
    assert b"secret" not in sealed
    for wrong in (b"", b"{}", sealed.replace(b'"n":32768', b'"n":1073741824')):
        with pytest.raises(OperationRefused):
            sealing.unseal(wrong, PHRASE)
    assert repr(key) == "Key(…)"
