"""The table of rights as a page for owners: `docs/rights.md`."""

from lovhub.server.staff.rights import NAMES, RIGHTS, ROLE_NAMES
from lovhub.server.staff.rules import ROLES

_INTRODUCTION = """\
# Кто что может

Роль есть у каждого сотрудника; её выбирают на странице «Люди». Владелец может всё. Эта же таблица открывается
на странице «Люди» кнопкой «Права». Она сделана из `lovhub/server/staff/rights.py` командой
`python scripts/rights.py`; тест следит, чтобы они не разошлись.
"""


def written() -> str:
    """The page. Needs an application's context, for the words."""
    lines = [
        ["Право", *(str(ROLE_NAMES[role]) for role in ROLES), "Имя в коде"],
        ["---", *(":---:" for _ in ROLES), "---"],
        *(
            [str(NAMES[right]), *("✓" if role in having else "" for role in ROLES), f"`{right}`"]
            for right, having in RIGHTS.items()
        ),
    ]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"{_INTRODUCTION}\n{table}\n"
