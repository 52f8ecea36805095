"""Starting to play by the minute, and going on so at another PC. Inside an operation; opens no transaction."""

from dataclasses import dataclass

from lovhub.server.actor import Actor
from lovhub.server.context import Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.lots import by_minute
from lovhub.server.lots.by_minute import Beginning
from lovhub.server.lots.models import Lot
from lovhub.server.sessions.lot_seconds import playable
from lovhub.server.sessions.models import MeterRow, PlaySession
from lovhub.server.sessions.sale import Counter
from lovhub.server.sessions.sitting import sitting_of
from lovhub.server.tariffs.rules import Goods


@dataclass(frozen=True)
class Start:
    """By what playing by the minute starts; `key` is the operation's."""

    beginning: Beginning
    key: str


def start_of(
    counter: Counter, goods: Goods, key: str, customer_id: int, *, limit_tiyn: int = 0
) -> Start:
    """The tariff as it is on the counter now, with the prices of the days to come.

    `limit_tiyn`: up to what the customer may owe for it (`in_debt`); 0: only the balance pays.
    """
    beginning = Beginning(
        tariff_id=goods.tariff_id,
        title=goods.terms.title,
        pause_allowed=goods.terms.pause_allowed,
        minimum_tiyn=goods.terms.minimum_tiyn,
        stretches=counter.by_minute(goods.tariff_id, goods.zone_id, customer_id),
        limit_tiyn=limit_tiyn,
    )
    return Start(beginning, key)


def start(work: Work, session: PlaySession, start: Start, actor: Actor) -> None:
    """From now on the balance pays for what no bought time does; the caller loads the sitting anew.

    Refused with `already_by_minute`, and with `not_enough_money` where it pays for not a second.
    """
    if work.db.get(MeterRow, session.id) is not None:
        raise OperationRefused("already_by_minute")
    lot = by_minute.open_lot(work, session, start.beginning, key=start.key, actor=actor)
    seconds = [lot.seconds(work.now) for lot in sitting_of(work, session).lots]
    if playable(seconds)[-1] == 0:
        raise OperationRefused("not_enough_money")
    limit_tiyn = start.beginning.limit_tiyn
    journal.record(
        work,
        "session.in_debt" if limit_tiyn else "session.by_minute",
        actor,
        computer_id=session.computer_id,
        customer_id=session.customer_id,
        session_id=session.id,
        lot_id=lot.id,
        title=lot.title,
        hour_tiyn=start.beginning.stretches[0].hour_tiyn,
        **({"limit_tiyn": limit_tiyn} if limit_tiyn else {}),
    )


def go_on(
    work: Work,
    before: PlaySession,
    session: PlaySession,
    *,
    zone_id: int | None,
    same_zone: bool,
    actor: Actor,
) -> None:
    """The same sitting at another PC: by the prices written down, or in another zone by those there now.

    Where nothing is sold by the minute, only bought time goes along.
    """
    row = work.db.get(MeterRow, before.id)
    if row is None:
        return
    lot = work.db.get_one(Lot, row.lot_id)
    stretches = by_minute.stretches_of(row)
    if not same_zone:
        stretches = Counter(work).by_minute(lot.tariff_id, zone_id, session.customer_id)
    if not stretches:
        return
    beginning = Beginning(
        tariff_id=lot.tariff_id or 0,
        title=lot.title,
        pause_allowed=lot.pause_allowed,
        minimum_tiyn=row.minimum_tiyn,
        stretches=stretches,
        carried=row.used,
        limit_tiyn=row.limit_tiyn,
    )
    by_minute.open_lot(work, session, beginning, key=f"session:{session.id}:meter", actor=actor)
