"""Bought time in another zone: what is played there as it is, and what is taken along. Inside an operation."""

from collections.abc import Sequence
from dataclasses import dataclass

from lovhub.server.actor import Actor
from lovhub.server.context import Work
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.halls.models import Zone
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import LOT_UNEARNED
from lovhub.server.ledger.service import Account, Transfer
from lovhub.server.lots import rest as lot_rest
from lovhub.server.lots.models import Lot
from lovhub.server.lots.service import LotInUse, open_hold
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.reserve import free_reserve_of
from lovhub.server.sessions.sale import balance_account, desk_account
from lovhub.server.sessions.sitting import club_rules
from lovhub.server.tariffs import queries as tariffs
from lovhub.server.tariffs import zones as rules
from lovhub.server.tariffs.models import Tariff
from lovhub.server.tariffs.zones import Prices, Rest, Taken


@dataclass(frozen=True)
class Consent:
    """What the desk was shown and said yes to: tiyn to pay, or seconds that become of it. None: nothing yet."""

    shown: int | None = None
    method: str = "balance"


NO_CONSENT = Consent()


def played_here(work: Work, lots: Sequence[LotInUse], zone_id: int | None) -> list[LotInUse]:
    """Those of a player's lots that are played in a zone as they are."""
    fates = _fates(work, lots, zone_id)
    return [lot for lot in lots if fates[lot.row.id] == "as_it_is"]


def binds(work: Work) -> bool:
    """Whether sessions are bound to what may be played in their zone when they begin."""
    return club_rules(work).zone_rule != "free"


def bind(work: Work, session: PlaySession, lots: Sequence[LotInUse]) -> None:
    """A session that begins plays these and what is bought in its zone, whatever becomes of prices."""
    if not binds(work):
        return
    session.zone_bound = True
    for lot in lots:
        if lot.row.zone_id != session.zone_id:
            open_hold(work, session.id, lot.row.id)
    work.db.flush()


def take_along(
    work: Work,
    lots: Sequence[LotInUse],
    zone_id: int | None,
    consent: Consent,
    *,
    customer: Customer | None,
    computer_id: int,
    actor: Actor,
) -> None:
    """Take time that costs something else there along, at what was shown.

    Refused with `zone_difference` (to pay: `amount_tiyn`) or `zone_convert` (`seconds` become `becomes`) until that
    was shown and agreed to; with `not_enough_money`, `no_balance`, `payment_method_unknown`.
    """
    rule, fates = club_rules(work).zone_rule, _fates(work, lots, zone_id)
    found: list[tuple[Lot, Rest, Prices]] = []
    for in_use in lots:
        row, fate = in_use.row, fates[in_use.row.id]
        if isinstance(fate, Prices) and in_use.available:
            free, _held = lot_rest.free_rest(work, row)
            worth_tiyn = free.amount_tiyn + free.bonus_tiyn
            price_tiyn = row.price_tiyn + row.bonus_tiyn
            rest = Rest(free.seconds, worth_tiyn, price_tiyn, row.granted_seconds)
            found.append((row, rest, fate))
    if not found:
        return
    taken = _agreed(rule, [(rest, prices) for _, rest, prices in found], consent)
    source = None
    if taken.difference_tiyn:
        source = _source(work, customer, consent.method, actor)
    paid: list[Transfer] = []
    for (lot, rest, _), seconds, difference_tiyn in zip(
        found, taken.seconds, taken.differences_tiyn, strict=True
    ):
        there = lot_rest.carry_over(
            work,
            lot,
            zone_id=zone_id,
            seconds=seconds,
            difference_tiyn=difference_tiyn,
            actor=actor,
        )
        if source is not None:
            unearned = Account(there.unearned_account_id, LOT_UNEARNED.unit)
            paid.append(Transfer(source, unearned, difference_tiyn))
        journal.record(
            work,
            "time.taken_along",
            actor,
            computer_id=computer_id,
            customer_id=lot.customer_id,
            lot_id=there.id,
            title=lot.title,
            from_zone=_name(work, lot.zone_id),
            to_zone=_name(work, zone_id),
            seconds=rest.seconds,
            becomes=seconds,
            amount_tiyn=difference_tiyn,
            method=consent.method if difference_tiyn else "",
        )
    if paid:
        _pay(work, found[0][0].id, paid, actor)
    work.db.flush()


def _agreed(rule: str, rests: list[tuple[Rest, Prices]], consent: Consent) -> Taken:
    now = rules.taken_along(rule, rests)
    if rule == "difference" and now.difference_tiyn == 0:
        return now
    taken = None if consent.shown is None else rules.agreed(rule, rests, consent.shown)
    if taken is not None:
        return taken
    if rule == "difference":
        raise OperationRefused("zone_difference", amount_tiyn=now.difference_tiyn)
    before = sum(rest.seconds for rest, _ in rests)
    raise OperationRefused("zone_convert", seconds=before, becomes=sum(now.seconds))


def _source(work: Work, customer: Customer | None, method: str, actor: Actor) -> Account:
    if method == "kaspi":
        # With its number it goes onto the balance first.
        raise OperationRefused("payment_method_unknown")
    if method != "balance":
        return desk_account(work, method)
    if customer is None:
        raise OperationRefused("no_balance")
    free_reserve_of(work, customer.id, actor)
    return balance_account(customer)


def _pay(work: Work, lot_id: int, transfers: list[Transfer], actor: Actor) -> None:
    try:
        ledger.post(
            work,
            key=f"zone_difference:{lot_id}:{work.now}",
            kind="zone_difference",
            transfers=transfers,
            actor=actor,
        )
    except OperationRefused as refusal:
        if refusal.code == "balance_too_low":
            raise OperationRefused("not_enough_money") from refusal
        raise


def _fates(work: Work, lots: Sequence[LotInUse], zone_id: int | None) -> dict[int, Prices | str]:
    rule = club_rules(work).zone_rule
    sold_as = {lot.row.tariff_id for lot in lots if lot.row.tariff_id is not None}
    terms = {}
    if rule != "free" and sold_as:
        rows = [work.db.get_one(Tariff, tariff_id) for tariff_id in sold_as]
        terms = tariffs.terms_of(work.db, work.club_id, rows)
    return {
        lot.row.id: rules.fate(
            rule,
            terms.get(lot.row.tariff_id or 0),
            lot.row.zone_id,
            zone_id,
            price_tiyn=lot.row.price_tiyn + lot.row.bonus_tiyn,
        )
        for lot in lots
    }


def _name(work: Work, zone_id: int | None) -> str:
    return "" if zone_id is None else work.db.get_one(Zone, zone_id).name
