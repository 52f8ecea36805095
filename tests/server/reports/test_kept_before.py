"""Days that were closed before they were kept apart go on saying what they said."""

import json
from itertools import product
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from lovhub.server.database import migrations
from lovhub.server.ledger.accounts import ALL_KINDS
from lovhub.server.reports import folding
from lovhub.server.reports.rules import DAY, QUARTER, Flow

KINDS = sorted(kind.name for kind in ALL_KINDS.values() if kind.unit == "tiyn")


def test_a_day_that_was_kept_in_one_says_the_same_apart() -> None:
    pairs = [pair for pair in product(KINDS, KINDS) if pair[0] != pair[1]]
    flows = [
        Flow(number * 7 % 96 * QUARTER, *pair, 1000 + number) for number, pair in enumerate(pairs)
    ]
    taken = {at: at // QUARTER for at in range(0, DAY, QUARTER)}
    games = {10: (2, 60), 9: (1, 3)}
    before = {
        "launches": {str(row_id): count for row_id, (count, _) in games.items()},
        "ran": {str(row_id): ran for row_id, (_, ran) in games.items()},
        "quarters": {
            "money": [
                [flow.debit, flow.credit, _only(flow.at // QUARTER, flow.amount_tiyn, 96)]
                for flow in flows
            ],
            "taken": list(taken.values()),
        },
        "hours": {
            "money": [
                [flow.debit, flow.credit, _only(flow.at // 3600, flow.amount_tiyn, 24)]
                for flow in flows
            ],
            "taken": [sum(range(first, first + 4)) for first in range(0, 96, 4)],
        },
    }
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    migration = ScriptDirectory.from_config(config).get_revision("0047").module
    assert migration.apart(json.dumps(before).encode()) == (
        folding.sums_of_day(0, flows, taken, games)._asdict()
    )


def _only(place: int, amount: int, count: int) -> list[int]:
    return [amount if number == place else 0 for number in range(count)]
