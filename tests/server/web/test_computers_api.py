"""PCs, those that wait to be let in, and the keys that let them in, over the JSON API."""

from lovhub.server.computers import tokens
from lovhub.server.live import HallRow, HallSession, PendingPairing
from tests.support.api import Api
from tests.support.club import People
from tests.support.live_desk import session
from tests.support.web import row


def test_pcs(api: Api, people: People) -> None:
    pc = people.computer()
    api.web.hall.rows = [row(pc, "ПК-1")]
    assert api.done("GET", "/live")["counts"] == {"total": 1, "on": 1, "off": 0, "used": 0}
    assert api.done("GET", "/computers")["computers"][0]["name"] == "ПК-1"
    api.done("PATCH", f"/computers/{pc}", {"name": "ПК-7"})
    api.done("POST", f"/computers/{pc}/messages", {"text": "Привет"})
    assert api.web.commands.sent == [(pc, "Привет")]
    api.web.pairings.waiting = {"p1"}
    assert api.done("POST", "/pairings/p1/approve") == {"computer_id": 1}
    assert api.refusal("POST", "/pairings/p2/approve") == (409, "pairing_gone")


def test_a_pc_says_all_that_may_be_said_of_one(api: Api, people: People) -> None:
    """The desk's page fills in what goes without saying; a program is not to know what that is."""
    pc = people.computer()
    api.web.hall.rows = [row(pc, "ПК-1", session())]
    for path, rows in (("/live", "rows"), ("/computers", "computers")):
        [shown] = api.done("GET", path)[rows]
        assert shown.keys() == set(HallRow.__struct_fields__)
        assert (shown["condition"], shown["problem"], shown["number"]) == (None, "", None)
        assert shown["session"].keys() == set(HallSession.__struct_fields__)
        assert (shown["session"]["plan"], shown["session"]["held_seconds"]) == ([], 0)


def test_pcs_that_wait_are_listed(api: Api) -> None:
    api.web.hall.pairings = [PendingPairing("p1", "DESKTOP-1", "192.168.1.5", "123456", 7)]
    [waiting] = api.done("GET", "/pairings")["pairings"]
    assert (waiting["pairing_id"], waiting["code"]) == ("p1", "123456")


def test_programs_make_and_take_back_keys(api: Api) -> None:
    made = api.done("POST", "/pairing-tokens", {"computers": 2, "hours": 1})
    assert tokens.usable(api.web.club, made["token"]) == made["token_id"]
    [listed] = api.done("GET", "/pairing-tokens")["tokens"]
    assert (listed["token_id"], listed["counts"], listed["used"]) == (made["token_id"], True, 0)
    assert made["token"] not in str(listed)
    api.done("DELETE", f"/pairing-tokens/{made['token_id']}")
    assert not api.done("GET", "/pairing-tokens")["tokens"][0]["counts"]
    assert api.refusal("DELETE", "/pairing-tokens/99")[1] == "token_unknown"
