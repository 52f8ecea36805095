"""Halls, zones and what people say of PCs, over the JSON API."""

from typing import Any

from tests.support.api import Api
from tests.support.club import People


def plan(api: Api) -> dict[str, Any]:
    return api.done("GET", "/halls")


def test_halls_and_zones_are_made_ordered_filled_and_taken_away(api: Api, people: People) -> None:
    pcs = [people.computer("ПК-1"), people.computer("ПК-2")]
    first = api.done("POST", "/halls", {"name": "Первый", "zones": ["Общий зал"]})["hall_id"]
    second = api.done("POST", "/halls", {"name": "Подвал"})["hall_id"]
    vip = api.done("POST", "/zones", {"name": "VIP", "hall_id": first})["zone_id"]
    assert api.refusal("POST", "/zones", {"name": "vip", "hall_id": first}) == (409, "name_taken")
    # The zone is there; the hall that it is to stand in is not.
    astray = {"name": "VIP", "hall_id": first + 99}
    assert api.refusal("PUT", f"/zones/{vip}", astray) == (422, "hall_unknown")
    api.done("POST", f"/zones/{vip}/move", {"places": -1})
    api.done("PUT", f"/zones/{vip}", {"name": "VIP 1", "hall_id": first})
    api.done("POST", "/computers/place", {"computer_ids": pcs, "zone_id": vip})
    api.done("POST", "/computers/number", {"computer_ids": pcs, "first": 17})
    api.done("PUT", f"/halls/{second}", {"name": "Нижний"})
    api.done("POST", f"/halls/{second}/move", {"places": -1})
    shown = plan(api)
    assert [hall["name"] for hall in shown["halls"]] == ["Нижний", "Первый"]
    assert [zone["name"] for zone in shown["halls"][1]["zones"]] == ["VIP 1", "Общий зал"]
    assert shown["halls"][1]["zones"][0]["computers"] == [
        {"computer_id": pcs[0], "name": "ПК-1", "number": 17},
        {"computer_id": pcs[1], "name": "ПК-2", "number": 18},
    ]
    assert api.refusal("DELETE", f"/zones/{vip}") == (409, "zone_has_computers")
    assert api.refusal("DELETE", f"/halls/{first}") == (409, "hall_has_zones")
    api.done("DELETE", f"/zones/{vip}?leave_without_zone=true")
    api.done("DELETE", f"/halls/{first}?zones_to_hall_id={second}")
    shown = plan(api)
    assert [hall["name"] for hall in shown["halls"]] == ["Нижний"]
    assert [stand["number"] for stand in shown["without_zone"]] == [17, 18]
    assert api.refusal("PUT", f"/halls/{first}", {"name": "X"}) == (404, "hall_unknown")
    assert api.refusal("DELETE", f"/zones/{vip}") == (404, "zone_unknown")


def test_pcs_are_marked_and_nobody_is_seated_there_by_mistake(api: Api, people: People) -> None:
    pc, tariff_id = people.computer(), people.tariff()
    guest = {"tariff_id": tariff_id, "method": "cash", "key": "one-guest-only"}
    api.done("POST", "/computers/broken", {"computer_ids": [pc], "reason": "нет звука"})
    assert api.refusal("POST", f"/computers/{pc}/guests", guest) == (409, "computer_broken")
    kept = {"computer_ids": [pc], "for_whom": "Аскар", "seconds": 3600}
    assert api.refusal("POST", "/computers/keep", kept) == (409, "computer_broken")
    api.done("POST", "/computers/mend", {"computer_ids": [pc]})
    api.done("POST", "/computers/keep", kept)
    answer = api.ask("POST", f"/computers/{pc}/guests", guest)
    assert answer.get_json()["error"]["message"].startswith("ПК отложен до ")
    assert answer.get_json()["error"]["message"].endswith(": Аскар.")
    api.done("POST", f"/computers/{pc}/guests", {**guest, "despite_kept": True})
    api.done("POST", "/computers/keep", kept)
    api.done("POST", "/computers/let-go", {"computer_ids": [pc]})
    assert api.refusal("POST", "/computers/mend", {"computer_ids": [10**6]}) == (
        422,
        "computer_unknown",
    )
    kinds = [line["kind"] for line in api.done("GET", "/log?kind=computer")["lines"]]
    assert kinds == [
        "computer.let_go", "computer.kept", "computer.kept_overridden", "computer.kept",
        "computer.mended", "computer.broken",
    ]  # fmt: skip
