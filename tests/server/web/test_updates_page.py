"""Updates of the PCs in the web admin and the API."""

import re

from lovhub import __version__
from lovhub.server.actor import Actor
from lovhub.server.computers.models import Computer
from lovhub.server.updates import service
from lovhub.server.updates.turns import Linked
from tests.support.club import People
from tests.support.statements import asked
from tests.support.web import ADDRESS, WebAdmin

PAGE = "/admin/updates"
OLD = "0.0.9"


def hall(web: WebAdmin, people: People, size: int) -> list[int]:
    """So many PCs with an old version."""
    pcs = [people.computer(f"ПК-{number}") for number in range(1, size + 1)]
    with web.club.write() as work:
        for pc in pcs:
            computer = work.db.get(Computer, pc)
            assert computer is not None
            computer.agent_version = OLD
    web.updates.linked |= {pc: Linked(OLD, is_free=True) for pc in pcs[1:]}
    return pcs


def told(web: WebAdmin, pc: int, state: str, why: str) -> None:
    service.offered(web.club, computer_id=pc, version=__version__)
    service.told(
        web.club, computer_id=pc, version=__version__, state=state, why=why,
        actor=Actor("computer", pc, "ПК"),
    )  # fmt: skip


def states(page: str) -> list[str]:
    return re.findall(r'data-test="state">([^<]+)<', page)


def test_the_page_tells_of_every_pc_and_stops_allows_and_tries_again(
    web: WebAdmin, people: People
) -> None:
    technician = web.technician()
    pcs = hall(web, people, 4)
    told(web, pcs[2], "rolled_back", "no_report")
    told(web, pcs[3], "refused", "needs")
    page = technician.get(PAGE).text
    assert "Обновлено ПК: 0 из 4" in page
    assert states(page) == [
        "нужен установщик", "ждёт, пока освободится", "вернулся к прежней", "не взял",
    ]  # fmt: skip
    assert "не вышла на связь за две минуты" in page
    technician.post(f"{PAGE}/computers/{pcs[2]}/again", {})
    assert states(technician.get(PAGE).text)[2] == "ждёт, пока освободится"
    technician.post(f"{PAGE}/hold", {})
    page = technician.get(PAGE).text
    assert 'data-test="held"' in page
    assert 'data-test="hold"' not in page
    technician.post(f"{PAGE}/allow", {})
    assert 'data-test="held"' not in technician.get(PAGE).text
    log = web.owner().get("/admin/logs?kind=computer").text
    assert f"ПК вернулся с новой версии к прежней: {__version__} (новая версия не вышла" in log


def test_the_page_of_a_large_hall_asks_no_more_than_that_of_a_small_one(
    web: WebAdmin, people: People
) -> None:
    owner = web.owner()
    owner.get(PAGE)
    hall(web, people, 2)
    with asked(web.club) as few:
        owner.get(PAGE)
    hall(web, people, 40)
    with asked(web.club) as many:
        assert owner.get(PAGE).status_code == 200
    assert len(many) == len(few)


def test_the_api_says_and_does_the_same(web: WebAdmin, people: People) -> None:
    pcs = hall(web, people, 2)
    told(web, pcs[1], "rolled_back", "exit_3")
    client, key = web.app.test_client(), {"Authorization": f"Bearer {web.token('technician')}"}

    def post(path: str) -> int:
        sent = client.post(f"/api/v1/updates{path}", base_url=ADDRESS, headers=key)
        return sent.status_code

    assert (post("/hold"), post("/hold")) == (200, 200)
    shown = client.get("/api/v1/updates", base_url=ADDRESS, headers=key).get_json()
    assert (shown["version"], shown["is_held"], shown["held_because"]) == (
        __version__, True, "by_hand",
    )  # fmt: skip
    assert [(pc["state"], pc["why"]) for pc in shown["computers"]] == [
        ("by_hand", ""), ("rolled_back", "exit_3"),
    ]  # fmt: skip
    again = f"/computers/{pcs[1]}/again"
    assert (post(again), post(again), post("/computers/99/again")) == (200, 409, 404)
    assert post("/allow") == 200
