"""Bulk tokens: how long and how often they count, and that they are kept as no one can use them."""

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.protocol import pairing
from lovhub.server.computers import service, tokens
from lovhub.server.computers.models import Computer, PairingToken
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from tests.support.club import OWNER


def pair(club: ClubContext, number: int, token_id: int) -> service.Pairing:
    key = bytes([number]) * service.PUBLIC_KEY_BYTES
    return service.pair(
        club, hostname=f"PC-{number}", public_key=key, actor=OWNER, token_id=token_id
    )


def test_a_token_names_the_club_and_is_kept_as_a_hash(club: ClubContext) -> None:
    made = tokens.make(club, computers=60, hours=4, actor=OWNER)
    key = club.identity.public_key().public_bytes_raw()
    assert pairing.is_bulk_token(made.text)
    assert pairing.is_token_of(made.text, key)
    assert not pairing.is_token_of(made.text, key[::-1])
    assert tokens.usable(club, made.text) == made.token_id
    assert tokens.usable(club, made.text[:-1]) == 0
    secret = made.text.partition(".")[0]
    with club.read() as db:
        kept = db.scalars(select(PairingToken)).one()
        assert secret.encode() not in kept.token_hash
        events = {event.kind: event.data for event in db.scalars(select(Event))}
    assert events["computer.token_made"]["computers"] == 60
    assert secret not in str(events)


def test_it_counts_for_so_many_pcs_and_so_long(club: ClubContext, clock: ManualClock) -> None:
    made = tokens.make(club, computers=2, hours=1, actor=OWNER)
    clock.advance(3599)
    assert tokens.usable(club, made.text)
    pair(club, 1, made.token_id)
    pair(club, 2, made.token_id)
    assert tokens.usable(club, made.text) == 0
    with pytest.raises(OperationRefused, match="token_over"):
        pair(club, 3, made.token_id)
    with club.read() as db:
        assert set(db.scalars(select(Computer.hostname))) == {"PC-1", "PC-2"}
        paired = db.scalars(select(Event.data).where(Event.kind == "computer.paired")).all()
    assert [data["token_id"] for data in paired] == [made.token_id] * 2

    late = tokens.make(club, computers=2, hours=1, actor=OWNER)
    clock.advance(3600)
    assert tokens.usable(club, late.text) == 0
    with pytest.raises(OperationRefused, match="token_over"):
        pair(club, 3, late.token_id)


def test_a_revoked_token_counts_no_more_also_for_who_waits(club: ClubContext) -> None:
    made = tokens.make(club, computers=2, hours=1, actor=OWNER)
    for _twice in range(2):
        tokens.revoke(club, token_id=made.token_id, actor=OWNER)
    assert tokens.usable(club, made.text) == 0
    with pytest.raises(OperationRefused, match="token_over"):
        pair(club, 1, made.token_id)
    with pytest.raises(OperationRefused, match="token_unknown"):
        tokens.revoke(club, token_id=made.token_id + 1, actor=OWNER)
    with club.read() as db:
        kinds = list(db.scalars(select(Event.kind)))
    assert kinds.count("computer.token_revoked") == 1


@pytest.mark.parametrize(
    ("computers", "hours", "code"),
    [
        (0, 1, "token_computers_out_of_range"),
        (201, 1, "token_computers_out_of_range"),
        (1, 0, "token_hours_out_of_range"),
        (1, 25, "token_hours_out_of_range"),
    ],
)
def test_what_it_may_be_for(club: ClubContext, computers: int, hours: int, code: str) -> None:
    with pytest.raises(OperationRefused, match=code):
        tokens.make(club, computers=computers, hours=hours, actor=OWNER)
