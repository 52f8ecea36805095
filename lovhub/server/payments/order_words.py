"""What a cashier said of a sale, as it is kept beside its payment, and back again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lovhub.server.goods.rules import Line
from lovhub.server.sessions.group_sale import Payer
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.till import Till, TopUp


def written(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """For the database: lists and names only."""
    return {name: _plain(value) for name, value in arguments.items()}


def _plain(value: Any) -> Any:
    match value:
        case Till():
            said: list[Any] = [
                value.price_tiyn,
                value.received_tiyn,
                [[part.method, part.amount_tiyn] for part in value.parts],
                None if value.zones is None else list(map(list, value.zones.items())),
                value.bonus_tiyn,
            ]
            if value.shares is not None:
                said.append([[pc, *shown] for pc, shown in sorted(value.shares.items())])
            return {"till": said}
        case TopUp():
            return {"top_up": [value.amount_tiyn, value.method]}
        case Payer():
            return {"payer": [value.method, value.customer_id, value.guest_name]}
        case [Line(), *_]:
            return {"lines": [[line.good_id, line.quantity] for line in value]}
    return value


def read(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """As `written` was told."""
    return {name: _made(value) for name, value in arguments.items()}


def _made(value: Any) -> Any:
    match value:
        case {"till": [price, received, parts, zones, bonus, *shares]}:
            ways = tuple(Part(method, amount) for method, amount in parts)
            till = Till(price, received, ways, None if zones is None else dict(zones), bonus)
            if not shares:
                return till
            return replace(till, shares={pc: (tiyn, bonus) for pc, tiyn, bonus in shares[0]})
        case {"top_up": said}:
            return TopUp(*said)
        case {"payer": said}:
            return Payer(*said)
        case {"lines": lines}:
            return [Line(*line) for line in lines]
    return value
