"""People at the desk."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Staff(Base):
    """A person with a sign-in to the web admin. `role`: owner, manager, cashier or technician.

    `password_must_change`: the password was made by somebody else. `totp_secret`: the second factor's secret,
    sealed (see `totp.Vault`); `totp_last_step`: the time step of the last code used, so that none works twice.
    `customer_id`: the customer account under which the person plays, if it is known.
    `same_as`: the row under which the person was first known in another club of the chain; with `link_hash` of a code
    that they were shown there, good until `link_until_at`, they say in a club that they are the same (`chain`).
    """

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("club_id", "login_key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    login: Mapped[str]
    login_key: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(default="ru")
    created_at: Mapped[int]
    disabled_at: Mapped[int | None]
    password_must_change: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[bytes | None]
    totp_since: Mapped[int | None]
    totp_last_step: Mapped[int] = mapped_column(default=0)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    same_as: Mapped[int | None] = mapped_column(index=True)
    link_hash: Mapped[bytes | None]
    link_until_at: Mapped[int | None]


class RecoveryCode(Base):
    """A code that opens one sign-in when the telephone is lost. Only its keyed hash is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    code_hash: Mapped[bytes]
    used_at: Mapped[int | None]


class StaffSession(Base):
    """A signed-in browser or API client. Of its token only a hash by the server's key is kept; revocable at any moment.

    `confirmed_at`: when the person last gave their password.
    """

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[int]
    last_seen_at: Mapped[int]
    expires_at: Mapped[int]
    confirmed_at: Mapped[int] = mapped_column(default=0)
    revoked_at: Mapped[int | None]
    address: Mapped[str]
    user_agent: Mapped[str]
