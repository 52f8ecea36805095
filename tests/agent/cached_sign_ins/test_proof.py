"""What is kept of a sign-in by password, with the owner's leave, and for how long."""

import hashlib
from pathlib import Path

import pytest

from lovhub.agent import proof
from lovhub.protocol import channel
from tests.agent.support.cached_pc import (
    ALIYA,
    ERLAN,
    LEASED,
    LEAVE,
    LOGIN,
    NO_LEAVE,
    PASSWORD,
    Pc,
)


def test_a_slow_hash_is_kept_while_the_sitting_lasts_and_nothing_that_was_typed(
    playing: Pc,
) -> None:
    kept = playing.store.kept_proof()
    assert kept is not None
    assert kept.session_id == 3
    assert len(kept.proof.salt) == 16
    assert "Proof()" in repr(kept)
    assert playing.cached._typed is None
    for file in playing.folder.iterdir():
        text = file.read_bytes()
        assert LOGIN.encode() not in text, file
        assert PASSWORD.encode() not in text, file


def test_guessing_at_the_disk_is_slow() -> None:
    first, second = (proof.make_proof(LOGIN, PASSWORD) for _ in range(2))
    assert first.salt != second.salt
    assert first.digest != second.digest
    assert first.digest == hashlib.scrypt(
        f"aliya_07\0{PASSWORD}".encode(),
        salt=first.salt,
        n=32768,
        r=8,
        p=3,
        maxmem=64 * 1024 * 1024,
    )


def test_what_ends_the_sitting_ends_the_proof(playing: Pc) -> None:
    playing.keeper.end(3)
    playing.cached.fit()
    assert not playing.is_kept


def test_the_end_of_the_lease_ends_it(playing: Pc) -> None:
    playing.plays(LEASED - 60)
    assert not playing.is_kept


def test_it_ends_with_the_leave(playing: Pc) -> None:
    playing.cached.told(NO_LEAVE)
    assert not playing.is_kept
    playing.cached.told(LEAVE)
    assert not playing.is_kept, "what is gone is gone until somebody signs in again"


def test_it_ends_with_the_membership(playing: Pc) -> None:
    playing.store.leave()
    assert not playing.is_kept


def test_the_next_customer_leaves_nothing_of_the_one_before(playing: Pc) -> None:
    before = playing.store.kept_proof()
    playing.keeper.end(3)
    playing.state.customer = ERLAN
    playing.sits_down(session_id=4)
    assert not playing.is_kept, "the desk has seated them: they have typed nothing"
    playing.signs_in(ERLAN)
    after = playing.store.kept_proof()
    assert before is not None
    assert after is not None
    assert (after.session_id, after.proof == before.proof) == (4, False)


def test_whoever_signs_in_first_and_buys_then_is_known_as_well(pc: Pc) -> None:
    pc.cached.told(LEAVE)
    pc.signs_in()
    assert not pc.is_kept, "no sitting, no proof"
    pc.sits_down()
    assert pc.is_kept


@pytest.mark.parametrize("catalog", [None, NO_LEAVE], ids=["an older server", "not allowed"])
def test_without_the_owners_leave_nothing_is_kept(pc: Pc, catalog: channel.Catalog | None) -> None:
    if catalog is not None:
        pc.cached.told(catalog)
    pc.signs_in()
    pc.sits_down()
    assert not pc.is_kept
    pc.loses_power()
    assert not pc.cached.is_open()
    assert pc.enter() == "server_unreachable"


def test_a_wrong_password_and_a_lost_answer_leave_nothing(pc: Pc) -> None:
    pc.cached.told(LEAVE)
    pc.sits_down()
    pc.signs_in(code="wrong_credentials")
    assert not pc.is_kept
    pc.cached.typed("b", LOGIN, PASSWORD)
    pc.cached.link_lost()
    pc.state.customer = ALIYA
    pc.cached.answered("b", "ok")
    assert not pc.is_kept


def test_an_agent_whose_files_the_player_can_read_keeps_nothing(tmp_path: Path) -> None:
    pc = Pc(tmp_path, is_safe=False)
    pc.cached.told(LEAVE)
    pc.signs_in()
    pc.sits_down()
    assert not pc.is_kept
    pc.journal.close()
