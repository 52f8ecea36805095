"""How large a filled club is, and where its pages are looked at."""

from dataclasses import asdict, dataclass, replace

DAY = 24 * 3600


@dataclass(frozen=True)
class Scale:
    """How much there is. `sales` are sales of time, most of them played, each with `renewals` of its lease."""

    computers: int
    customers: int
    sales: int
    launches: int
    days: int
    tariffs: int
    applications: int
    playing: int
    alarms: int
    commands_per_computer: int
    moved: int
    renewals: int = 8
    cashiers: int = 6
    goods: int = 40
    groups: int = 8
    promos: int = 30
    codes_per_promo: int = 200
    networks: int = 30


FULL = Scale(200, 50_000, 165_000, 1_000_000, 365, 40, 60, 120, 2_000, 100, 5_000)
"""The size that the pages are built for: five million transfers in the ledger."""

EMPTY = Scale(
    computers=2, customers=1, sales=5, launches=5, days=2, tariffs=1, applications=1, playing=1,
    alarms=1, commands_per_computer=1, moved=1, renewals=1, cashiers=1, goods=1, groups=1, promos=1,
    codes_per_promo=1, networks=1,
)  # fmt: skip
"""One of each, so that each page has something to open."""


def with_launches(launches: int) -> Scale:
    """The same club, so long in business that this much has gathered, and all else that gathers with it."""
    share = launches / FULL.launches
    return replace(
        FULL,
        customers=int(FULL.customers * share),
        sales=int(FULL.sales * share),
        launches=launches,
        days=max(2, round(FULL.days * share)),
        alarms=int(FULL.alarms * share),
        moved=int(FULL.moved * share),
    )


@dataclass(frozen=True)
class Samples:
    """Rows to look at: the newest of their kind, or such as nothing else is known of."""

    free_computer_id: int
    session_id: int
    shift_id: int
    payment_id: int
    open_payment_id: int
    refunded_payment_id: int
    refund_id: int
    receipt_id: int
    top_up_id: int
    goods_id: int
    bonus_id: int
    command_id: str
    staff_id: int
    staff_session_id: int

    def addressed(self, path: str) -> str:
        """The address with these rows in it."""
        return path.format(
            **asdict(self),
            open_shift_id=self.shift_id + 1,
            own_session_id=self.staff_session_id + 1,
        )
