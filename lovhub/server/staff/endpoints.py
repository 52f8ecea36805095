"""What each page and API call asks for: one table of all endpoints.

An endpoint that stands in neither `ENDPOINTS` nor `OPEN` keeps the server from starting, so that a new page cannot be
forgotten here.
"""

from collections.abc import Iterable

from lovhub.server.staff import rights
from lovhub.server.staff.api_endpoints import API
from lovhub.server.staff.page_endpoints import PAGES
from lovhub.server.staff.rules import Duty

OPEN = frozenset(
    {
        "static",
        "home",
        "staff.sign_in",
        "staff.second_step",
        "club.set_up",
        "set_up.restore",
        "set_up.upload",
        "set_up_store.look",
        "set_up_store.fetch",
        "restoring.index",
        "restoring.state",
        "favicon",
        "staff_api.sign_in",
        "api_description",
        "callbacks.kaspi_biller",
        "callbacks.payment_webhook",
    }
)
"""Endpoints that ask for no right: what a stranger may see, and what only leads on."""

FROM_EVERYWHERE = frozenset(
    {"static", "favicon", "callbacks.kaspi_biller", "callbacks.payment_webhook"}
)
"""Endpoints that no list of addresses for staff shuts: they know their callers otherwise, or show nothing."""

CONFIRMED = frozenset(
    {
        "club.settings",
        "notices.index",
        "people.create",
        "people.change",
        "people.give_new_password",
        "people.name_account",
        "people.disable",
        "people.enable",
        "people.reset_second_factor",
        "people.second_factor_rule",
        "people.allowed_addresses",
        "backups.restore",
        "backups.passphrase",
        "backups.take",
        "backups.bring",
        "backups.fetch",
        "own_data.ask",
        "chain.make_code",
        "chain.link",
        "chain.unlink",
        "chain.share_customers",
        "chain.answer_request",
        "club_api.change_settings",
        "notices_api.set_target",
        "people_api.create",
        "people_api.change",
        "people_api.give_new_password",
        "people_api.name_account",
        "people_api.disable",
        "people_api.enable",
        "people_api.reset_second_factor",
        "people_api.change_second_factor_rule",
        "people_api.change_allowed_addresses",
        "backups_api.restore",
        "backups_api.set_passphrase",
        "backups_api.download",
        "backups_api.fetch",
        "own_data_api.take_out",
        "maintenance.code",
        "maintenance_api.give_code",
        # what anything costs, for whom less, and what is given
        "tariffs.create",
        "tariffs.change",
        "tariffs.holidays",
        "tariffs_api.create",
        "tariffs_api.change",
        "tariffs_api.set_holidays",
        "goods.create",
        "goods.change",
        "goods_api.create",
        "goods_api.change",
        "loyalty.create_group",
        "loyalty.change_group",
        "loyalty.bonuses",
        "loyalty.create_promo",
        "loyalty_api.create_group",
        "loyalty_api.change_group",
        "loyalty_api.set_rules",
        "promos_api.create_promo",
    }
)
"""What a person does only with their password given a moment ago: see `web/confirming.py`."""

ENDPOINTS: dict[str, str] = PAGES | API
"""Endpoint of a page or an API call → the right it asks for."""

ON_DUTY: dict[Duty, frozenset[str]] = {
    "password": frozenset(
        {"profile.change_password", "staff.sign_out", "staff.begin_anew"}
        | {"profile_api.show", "profile_api.change_password", "staff_api.sign_out"}
    ),
    "second_factor": frozenset(
        {"profile.set_up_second_factor", "staff.sign_out", "staff_api.sign_out", "staff.begin_anew"}
        | {
            "profile_api.show",
            "profile_api.offer_second_factor",
            "profile_api.turn_on_second_factor",
        }
    ),
}
"""What somebody must do first → the only endpoints that answer until it is done."""

OVERDUE = frozenset({"staff.begin_anew", "staff.sign_out"})
"""What answers whoever signed in too long ago, however the rest is asked for."""

DUTY_PAGES: dict[Duty, str] = {
    "password": "profile.change_password",
    "second_factor": "profile.set_up_second_factor",
}
"""What somebody must do first → the page where it is done."""


def may_call(role: str, endpoint: str) -> bool:
    """Whether people of this role may ask for the endpoint."""
    return endpoint in OPEN or rights.may(role, ENDPOINTS[endpoint])


def check_complete(existing: Iterable[str]) -> None:
    """Raises ValueError if the tables and the application's endpoints differ, naming each difference."""
    there = frozenset(existing)
    ruled = OPEN | ENDPOINTS.keys()
    named = ruled | CONFIRMED | FROM_EVERYWHERE
    problems = [
        *(f"{name}: asks for no right" for name in sorted(there - ruled)),
        *(f"{name}: does not exist" for name in sorted(named - there)),
        *(
            f"{name}: right {right} does not exist"
            for name, right in ENDPOINTS.items()
            if right not in rights.RIGHTS
        ),
        *(
            f"right {right}: NAMES has no words for it"
            for right in rights.RIGHTS.keys() - rights.NAMES.keys()
        ),
        *(
            f"right {right}: RIGHTS does not give it"
            for right in rights.NAMES.keys() - rights.RIGHTS.keys()
        ),
    ]
    if problems:
        raise ValueError("lovhub/server/staff/*endpoints.py: " + "; ".join(problems))
