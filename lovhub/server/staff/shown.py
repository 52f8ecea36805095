"""What the API shows of people and their sign-ins."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from lovhub.server.staff.queries import SignInPage, SignInRow

Role = Literal["owner", "manager", "cashier", "technician"]
Language = Literal["ru", "kk", "en"]


class SignInShown(BaseModel):
    """A browser or program that is signed in. `device` is what it says of itself; empty for a program."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    staff_id: int
    name: str
    role: str
    address: str
    browser: str
    system: str
    created_at: int
    last_seen_at: int
    is_this_one: bool


class SignInList(BaseModel):
    """Part of the list, the newest first."""

    sign_ins: list[SignInShown]
    next_after: int | None


def sign_in_list(page: SignInPage, own_session_id: int) -> SignInList:
    """The part of the list, as the API shows it to whoever uses this session."""
    return SignInList(
        sign_ins=[_shown(row, own_session_id) for row in page.rows], next_after=page.next_after
    )


def _shown(row: SignInRow, own_session_id: int) -> SignInShown:
    return SignInShown(
        id=row.id,
        staff_id=row.staff_id,
        name=row.name,
        role=row.role,
        address=row.address,
        browser=row.device.browser,
        system=row.device.system,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        is_this_one=row.id == own_session_id,
    )
