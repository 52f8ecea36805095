"""A file under the passphrase: it comes back whole, and nothing of it can be read, left out or put elsewhere."""

import hashlib
import io
import os
from pathlib import Path

import pytest

from lovhub.server.backups import sealed_file, sealing
from lovhub.server.backups.errors import BadArchive
from lovhub.server.errors import OperationRefused

PHRASE = "длинный пароль для копий"
KEY = sealing.derive(PHRASE)
MIB = 1024 * 1024


@pytest.mark.parametrize("size", [0, 1, MIB, MIB + 1, 3 * MIB])
def test_what_was_sealed_comes_back_whole(tmp_path: Path, size: int) -> None:
    plain, sealed, back = tmp_path / "plain", tmp_path / "sealed", tmp_path / "back"
    plain.write_bytes(os.urandom(size))
    sha256 = sealed_file.seal(KEY, plain, sealed)
    assert hashlib.sha256(sealed.read_bytes()).hexdigest() == sha256
    assert sealed.stat().st_size > size
    sealed_file.unseal(sealed, back, passphrase="", key=KEY)
    assert back.read_bytes() == plain.read_bytes()


def test_the_passphrase_opens_it_and_nothing_else_does(tmp_path: Path) -> None:
    plain, sealed, back = tmp_path / "plain", tmp_path / "sealed", tmp_path / "back"
    plain.write_bytes(b"." * 2 * MIB)
    sealed_file.seal(KEY, plain, sealed)
    assert b"...." not in sealed.read_bytes()
    sealed_file.unseal(sealed, back, passphrase=PHRASE)
    assert back.read_bytes() == plain.read_bytes()
    with pytest.raises(OperationRefused, match="passphrase_needed"):
        sealed_file.unseal(sealed, back, passphrase="", key=sealing.derive(PHRASE))
    with pytest.raises(OperationRefused) as refused:
        sealed_file.unseal(sealed, back, passphrase=PHRASE + "!")
    assert refused.value.values == {"phrase": "passphrase_wrong"}


def test_whoever_changes_it_is_found_out(tmp_path: Path) -> None:
    plain, sealed, back = tmp_path / "plain", tmp_path / "sealed", tmp_path / "back"
    plain.write_bytes(os.urandom(3 * MIB))
    sealed_file.seal(KEY, plain, sealed)
    whole = sealed.read_bytes()
    header, _, pieces = whole.partition(b"\n")
    piece = MIB + 16
    for changed in (
        b"",
        b"PK\x03\x04 no sealed file",
        whole[:-1],
        header + b"\n" + pieces[: 2 * piece],  # the end left out
        header + b"\n" + pieces[:piece] + pieces[2 * piece :],  # the middle left out
        header + b"\n" + pieces[piece : 2 * piece] + pieces[:piece] + pieces[2 * piece :],
        header.replace(b'"sealed":1', b'"sealed":2') + b"\n" + pieces,
        whole[:-1] + bytes([whole[-1] ^ 1]),
    ):
        sealed.write_bytes(changed)
        with pytest.raises(BadArchive):
            sealed_file.unseal(sealed, back, passphrase=PHRASE, key=KEY)


def test_a_log_is_sealed_as_it_grows_and_read_up_to_where_it_is_torn() -> None:
    log, said = sealed_file.GrowingLog(KEY), [os.urandom(size) for size in (1, 5000, MIB)]
    sealed = [log.piece(piece) for piece in said]
    whole = b"".join(sealed)

    def read(content: bytes, phrase: str = PHRASE) -> list[bytes]:
        return list(sealed_file.opened_log(io.BytesIO(content), passphrase=phrase))

    assert read(whole) == said
    assert list(sealed_file.opened_log(io.BytesIO(whole), passphrase="", key=KEY)) == said
    assert read(sealed[0]) == said[:1]
    assert read(whole[:-1]) == said[:2]
    assert read(sealed[0] + sealed[2]) == said[:1], "none can be left out"
    assert read(whole[: -MIB - 4] + b"\xff" * 4 + whole[-MIB:]) == said[:2], (
        "nothing is read without end"
    )
    assert read(whole, PHRASE + "!") == []
    with pytest.raises(OperationRefused, match="passphrase_needed"):
        read(whole, "")
    assert read(whole[:20]) == []


def test_what_stands_beside_it_in_the_clear_cannot_be_changed() -> None:
    sealed = b"".join(sealed_file.pieces(KEY, [b"what it is of"], b"the club of today"))
    for about in (b"the club of today", b"the club of yesterday"):
        opened = sealed_file.opened(io.BytesIO(sealed), passphrase="", key=KEY, about=about)
        if about.endswith(b"today"):
            assert list(opened) == [b"what it is of"]
        else:
            with pytest.raises(BadArchive):
                list(opened)
