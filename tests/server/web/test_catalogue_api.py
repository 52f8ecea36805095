"""Tariffs, applications and their pictures, over the JSON API."""

import base64
import io

from PIL import Image

from tests.support.api import Api
from tests.support.club import People


def test_tariffs_and_applications(api: Api) -> None:
    tariff = {"title": "1 час", "seconds": 3600, "price_tiyn": 500_00}
    tariff_id = api.done("POST", "/tariffs", tariff)["tariff_id"]
    api.done("PUT", f"/tariffs/{tariff_id}", {**tariff, "price_tiyn": 600_00})
    [shown] = api.done("GET", "/tariffs")["tariffs"]
    simple = {
        "kind": "package", "weekdays": [0, 1, 2, 3, 4, 5, 6], "sold_from": None, "sold_until": None,
        "holiday_rule": "as_weekday", "sold_elsewhere": True, "zones": [], "price_rule": "whole",
        "minimum_tiyn": 0, "valid_days": None, "rest_rule": "kept", "pause_allowed": True,
        "play_rule": "any_time",
    }  # fmt: skip
    assert shown == {
        **tariff, **simple, "id": tariff_id, "price_tiyn": 600_00, "per_hour_tiyn": 600_00, "groups": [],
    }  # fmt: skip
    second_id = api.done("POST", "/tariffs", tariff)["tariff_id"]
    api.done("PUT", f"/tariffs/{second_id}/place", {"place": 0})
    order = [row["id"] for row in api.done("GET", "/tariffs")["tariffs"]]
    assert order == [second_id, tariff_id]
    api.done("DELETE", f"/tariffs/{tariff_id}")
    assert api.refusal("DELETE", f"/tariffs/{tariff_id}") == (409, "tariff_not_available")
    assert api.done("GET", "/tariffs")["retired"] == [shown]
    api.done("POST", f"/tariffs/{tariff_id}/restoration")
    assert len(api.done("GET", "/tariffs")["tariffs"]) == 2

    night = {
        "title": "Ночь", "kind": "fixed_end", "seconds": 3600, "price_tiyn": 3000_00,
        "sold_from": 22 * 3600, "sold_until": 8 * 3600, "holiday_rule": "only",
    }  # fmt: skip
    wrong = api.ask("POST", "/tariffs", {**night, "play_rule": "sale_hours"}).get_json()
    assert set(wrong["error"]["fields"]) == {"play_rule"}
    api.done("PUT", f"/tariffs/{second_id}", {**tariff, "play_rule": "sale_hours"})
    assert [row["play_rule"] for row in api.done("GET", "/tariffs/offers")["offers"]] == [
        "sale_hours",
        "any_time",
    ]
    night_id = api.done("POST", "/tariffs", night)["tariff_id"]
    listed = {row["id"]: row for row in api.done("GET", "/tariffs")["tariffs"]}
    assert (listed[night_id]["seconds"], listed[night_id]["rest_rule"]) == (10 * 3600, "expires")
    offered = [row["tariff_id"] for row in api.done("GET", "/tariffs/offers")["offers"]]
    assert offered == [second_id, tariff_id]
    api.done("PUT", "/tariffs/holidays", {"days": ["2026-12-16"]})
    assert api.done("GET", "/tariffs/holidays") == {"days": ["2026-12-16"]}
    wrong = api.refusal("PUT", "/tariffs/holidays", {"days": ["2026-02-30"]})
    assert wrong == (422, "invalid_fields")

    game = {"title": "CS 2", "kind": "game", "exe_path": "C:\\cs2.exe", "arguments": ["-novid"]}
    application_id = api.done("POST", "/applications", game)["application_id"]
    assert api.done("GET", "/applications")["applications"] == [
        {
            **game,
            "id": application_id,
            "other_paths": [],
            "picture": "",
            "watch": [],
            "zone_ids": [],
        }
    ]
    second_id = api.done("POST", "/applications", game)["application_id"]
    api.done("PUT", f"/applications/{second_id}/place", {"place": 0})
    api.done("PUT", f"/applications/{application_id}", {**game, "title": "CS"})
    api.done("DELETE", f"/applications/{application_id}")
    listed = api.done("GET", "/applications")
    assert [row["id"] for row in listed["applications"]] == [second_id]
    assert [row["title"] for row in listed["retired"]] == ["CS"]
    api.done("POST", f"/applications/{application_id}/restoration")
    order = [row["id"] for row in api.done("GET", "/applications")["applications"]]
    assert order == [second_id, application_id]


def test_an_applications_picture_and_zones(api: Api, people: People) -> None:
    path = f"/applications/{people.application()}"
    file = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(file, "JPEG")
    sent = {"picture_base64": base64.b64encode(file.getvalue()).decode()}
    digest = api.done("PUT", f"{path}/picture", sent)["picture"]
    [shown] = api.done("GET", "/applications")["applications"]
    assert shown["picture"] == digest
    answer = api.ask("GET", f"/applications/pictures/{digest}")
    assert (answer.mimetype, answer.data[:4]) == ("image/png", b"\x89PNG")
    assert "immutable" in answer.headers["Cache-Control"]
    for wrong in ("%", base64.b64encode(b"no picture").decode()):
        answer = api.ask("PUT", f"{path}/picture", {"picture_base64": wrong})
        assert set(answer.get_json()["error"]["fields"]) == {"picture_base64"}
    api.done("DELETE", f"{path}/picture")
    assert api.refusal("GET", f"/applications/pictures/{digest}") == (404, "not_found")
    assert api.refusal("PUT", f"{path}/zones", {"zone_ids": [7]}) == (422, "zone_unknown")
    api.done("PUT", f"{path}/zones", {"zone_ids": []})
