"""The club."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Club(Base):
    """One club (one hall). Everything else belongs to one by `club_id`.

    `lease_seconds`: how long a PC plays on by itself. `power_cut_rule`: what becomes of a session whose PC
    lost power: `pause` (where it was last seen), `run_on` or `end`. `silence_rule`: what becomes, when its
    lease has run out, of the seconds leased to a PC that never came back: `wait` (for its journal or the
    desk), `consume` or `return`. `day_starts_at` and `backup_at`: seconds after midnight in the club's time
    zone, when the working day begins and when the nightly backup is made. `warn_…`: from when on the
    system's status says something. `sales_need_shift`: no money moves at the desk without an open shift.
    `zone_rule`: what becomes of bought time in a zone with another price (`tariffs.zones`).
    `given_minutes_per_shift`: how much time without money one cashier may give in a shift; 0: as much as they like.
    `debt_limit_tiyn`: up to what one customer may owe for time played in debt; 0: nobody plays so.
    `minors_rule`: unaccompanied minors do not play at night (`minors`). `registers_at_pc`: players become customers
    by themselves, at a PC.
    `cached_sign_ins`: whose sitting a power cut has stopped at a PC may go on there by their password while no server
    is there, to the end of the lease.
    `grace_seconds`: for how long a PC keeps a player's games open behind the lock once the time is over; 0: not at all.
    `traces`: of which folders PCs clear away what a player has left (`lovhub.traces`), a line each; "": of none.
    `on_without_session_minutes`: a PC that is on for longer without a session is told of; 0: none is.
    `tells_without_agent`: the network is looked at for PCs that are on and whose agent is silent (`without_agent`).
    `staff_addresses`: from where staff may work (`staff/allowed.py`); "": from everywhere.
    `keep_…_days`: how long launches, sign-ins, and calls and commands are kept (`retention`); `logs_pruned_at`: when
    that was last seen to; `launches_gone_until`: of before that instant launches are gone.
    `customers_of`: the club of the chain whose customers this one shares, if it has none of its own
    (`customers/belonging.py`).
    `upkeep_generation`: how often somebody has lost the right to open PCs (`maintenance/keys.py`).
    `printer_…`: the receipt printer, where it is, and what letters it has (`shifts/printing.py`).
    """

    __tablename__ = "club"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str]
    time_zone: Mapped[str]
    currency: Mapped[str] = mapped_column(default="KZT")
    language: Mapped[str] = mapped_column(default="ru")
    created_at: Mapped[int]
    lease_seconds: Mapped[int] = mapped_column(default=900)
    grace_seconds: Mapped[int] = mapped_column(default=180)
    traces: Mapped[str] = mapped_column(default="")
    power_cut_rule: Mapped[str] = mapped_column(default="pause")
    silence_rule: Mapped[str] = mapped_column(default="wait")
    zone_rule: Mapped[str] = mapped_column(default="free")
    second_factor_roles: Mapped[str] = mapped_column(default="")
    day_starts_at: Mapped[int] = mapped_column(default=8 * 3600)
    backup_at: Mapped[int] = mapped_column(default=5 * 3600)
    backups_kept: Mapped[int] = mapped_column(default=14)
    second_backup_folder: Mapped[str] = mapped_column(default="")
    warn_unseen_days: Mapped[int] = mapped_column(default=3)
    warn_disk_free_gb: Mapped[int] = mapped_column(default=5)
    warn_backup_hours: Mapped[int] = mapped_column(default=36)
    sales_need_shift: Mapped[bool] = mapped_column(default=False)
    given_minutes_per_shift: Mapped[int] = mapped_column(default=120)
    debt_limit_tiyn: Mapped[int] = mapped_column(default=0)
    on_without_session_minutes: Mapped[int] = mapped_column(default=0)
    tells_without_agent: Mapped[bool] = mapped_column(default=True)
    printer_address: Mapped[str] = mapped_column(default="")
    printer_charset: Mapped[str] = mapped_column(default="cp866")
    printer_width: Mapped[int] = mapped_column(default=48)
    minors_rule: Mapped[bool] = mapped_column(default=False)
    registers_at_pc: Mapped[bool] = mapped_column(default=False)
    cached_sign_ins: Mapped[bool] = mapped_column(default=False)
    staff_addresses: Mapped[str] = mapped_column(default="")
    keep_launches_days: Mapped[int] = mapped_column(default=365)
    keep_sign_ins_days: Mapped[int] = mapped_column(default=180)
    keep_messages_days: Mapped[int] = mapped_column(default=365)
    logs_pruned_at: Mapped[int | None]
    launches_gone_until: Mapped[int | None]
    checklist_closed_at: Mapped[int | None]
    customers_of: Mapped[int | None]
    upkeep_generation: Mapped[int] = mapped_column(default=0)


class DemoItem(Base):
    """A row that was made for show at the set-up, so that it can be taken away again. `kind`: its table."""

    __tablename__ = "demo_item"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True)
