"""Every code that the server knows has words: nobody at a desk ever reads a code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import lovhub.server
from lovhub.protocol.entries import AlarmRaised
from lovhub.server.journal.log import LogRow
from lovhub.server.journal.sentences import has_sentence, sentence
from lovhub.server.journal.standing import WATCHED
from lovhub.server.journal.texts import alarm_texts
from lovhub.server.staff import rights_document
from lovhub.server.web import refusals
from tests.support.web import WebAdmin

FOLDER = Path(lovhub.server.__file__).parent
TEMPLATES = sorted((FOLDER / "web" / "templates").rglob("*.html"))

EVENT = re.compile(
    r"(?:alarm|application|call|club|command|computer|customer|goods?|session|shift|staff|tariff|time)\.[a-z_]+"
)
WRITERS = (
    "service.py", "codes.py", "sale.py", "group.py", "group_sale.py", "link.py", "locks.py", "sitting.py",
    "intake.py",
)  # fmt: skip
"""Files whose dotted words are kinds of events."""


def trees(*names: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(FOLDER.rglob("*.py")):
        if not names or path.name in names:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.Module, name: str) -> Iterator[ast.Call]:
    """Calls of `name` or of `something.name`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if name == (
                called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            ):
                yield node


def strings(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


@pytest.fixture
def spoken(web: WebAdmin) -> Iterator[None]:
    """Texts are made while a request is answered."""
    with web.app.test_request_context():
        yield


def test_every_kind_of_event_has_a_sentence(spoken: None) -> None:
    kinds = {f"command.{state}" for state in ("sent", "done", "failed", "expired")}
    for _path, tree in trees():
        for call in calls(tree, "record"):
            kinds.update(word for word in strings(call.args[1]) if EVENT.fullmatch(word))
    for _path, tree in trees(*WRITERS):
        kinds.update(word for word in strings(tree) if EVENT.fullmatch(word))
    kinds.discard("session.settled")  # a posting's kind: it stands in the books, not in the log
    assert len(kinds) > 30
    assert {kind for kind in kinds if not has_sentence(kind)} == set()


def test_rows_that_changed_by_themselves_are_called_as_people_call_them(spoken: None) -> None:
    tables = sorted(str(table) for table in WATCHED)
    line = sentence(LogRow(0, 0, 1, "rows.changed", data={"tables": tables}))
    assert "Сотрудник" in line
    assert not re.search("[A-Za-z_]", line)


def test_every_refusal_has_a_sentence(spoken: None) -> None:
    codes: set[str] = set()
    for _path, tree in trees():
        for call in calls(tree, "OperationRefused"):
            codes.update(word for argument in call.args for word in strings(argument))
            codes.update(
                word
                for keyword in call.keywords
                for word in strings(keyword.value)
                if re.fullmatch(r"[a-z]+_[a-z_]+", word)
            )
    for _path, tree in trees("rules.py"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                # What stands in a call is no refusal of a field but a part of what is made there.
                made = {
                    word
                    for part in ast.walk(node.value)
                    if isinstance(part, ast.Call)
                    for word in strings(part)
                }
                codes.update(set(strings(node.value)) - made)
    assert len(codes) > 40
    assert {code for code in codes if refusals.refusal(code) == code} == set()


def test_every_alarm_has_a_text(spoken: None) -> None:
    kinds: set[str] = set(get_args(get_type_hints(AlarmRaised)["kind"]))
    for _path, tree in trees():
        for call in calls(tree, "raise_alarm"):
            kinds.update(strings(call.args[1]))
        for call in calls(tree, "Decision"):
            for keyword in call.keywords:
                kinds.update(strings(keyword.value) if keyword.arg == "alarm" else ())
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("(alarm,"):
                kinds.update(word for word in strings(node.value) if word)
    assert kinds > {"mass_loss", "late_report", "journal_lost", "report_short"}
    assert kinds - alarm_texts().keys() == set()


def test_the_owners_table_of_rights_is_the_one_in_the_code(spoken: None) -> None:
    document = (FOLDER.parents[1] / "docs" / "rights.md").read_text(encoding="utf-8")
    assert document == rights_document.written(), "run: python scripts/rights.py"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_template_loads_nothing_from_elsewhere_and_holds_no_code(template: Path) -> None:
    page = template.read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", page)
    assert not re.search(r"<[a-z][^>]*\sstyle\s*=|<style", page)
    assert not re.search(r"<[a-z][^>]*\son[a-z]+\s*=", page)
    assert not re.search(r"\shx-on", page)
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL):
        assert not body.strip() or 'type="application/json"' in attributes
