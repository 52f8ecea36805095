"""The shipped dashboard and alerts ask only for figures that the server tells, by labels that these have."""

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # comes with schemathesis

from lovhub.server.channel.hub import Hub
from lovhub.server.context import ClubContext
from lovhub.server.payments.polling import Poller
from lovhub.server.payments.settings import Payments
from lovhub.server.pressure.gate import Gate
from lovhub.server.status.rules import Facts, judge
from lovhub.server.watching.figures import Figures

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
BY_PROMETHEUS = {"instance", "job", "le"}


class Board:
    known_facts = Facts(
        now=1, certificate_ends_at=1, newest_backup_at=1, ledger_checked_at=1, newest_check="sound"
    )
    known = judge(known_facts)


@pytest.fixture
def told(club: ClubContext) -> dict[str, set[str]]:
    """Name of each figure → its labels."""
    figures = Figures(Hub(club, b""), club.database, Board(), Gate(), Poller(club, Payments()))
    figures.requests.answered("club.settings", 200, 0.1)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, labels in re.findall(
        r"^(lovhub_\w+)(\{.*\})? ", figures.text().decode(), re.MULTILINE
    ):
        found[name] |= set(re.findall(r'(\w+)="', labels))
    return dict(found)


def expressions() -> list[str]:
    rules = yaml.safe_load((PACKAGING / "prometheus" / "lovhub.rules.yml").read_text("utf-8"))
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in alerts)
    assert len({rule["alert"] for rule in alerts}) == len(alerts) >= 10
    dashboard = json.loads((PACKAGING / "grafana" / "lovhub.json").read_text("utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    choices = [one["query"]["query"] for one in dashboard["templating"]["list"][1:]]
    return [*(rule["expr"] for rule in alerts), *asked, *choices]


def test_each_figure_that_is_asked_for_is_told(told: dict[str, set[str]]) -> None:
    asked = set()
    for expression in expressions():
        assert expression.count("(") == expression.count(")"), expression
        for name, labels in re.findall(r"(lovhub_\w+)(\{[^}]*\})?", expression):
            asked.add(name)
            assert name in told, expression
            wrong = set(re.findall(r"(\w+)\s*(?:=~|!=|=)", labels)) - told[name] - BY_PROMETHEUS
            assert wrong == set(), expression
        for labels in re.findall(r"\bby \(([^)]*)\)", expression):
            names = re.findall(r"lovhub_\w+", expression)
            known = set().union(*(told[name] for name in names)) | BY_PROMETHEUS
            assert {label.strip() for label in labels.split(",")} <= known, expression
    # What is told and shown nowhere is forgotten, or not worth telling.
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    forgotten = {re.sub(r"_(bucket|sum|count)$", "", name) for name in told} - shown
    assert {name for name in forgotten if not name.startswith("lovhub_process_")} == set()


def test_the_dashboards_panels_lie_beside_each_other() -> None:
    dashboard = json.loads((PACKAGING / "grafana" / "lovhub.json").read_text("utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
