"""Who may do what: one table of rights by role, and one of what each page and API call asks for.

Roles: `owner` (may do everything), `manager` (runs the club: money, prices, mistakes), `cashier` (the desk),
`technician` (the PCs, no money). An endpoint that stands in neither `ENDPOINTS` nor `OPEN` keeps the server from
starting, so that a new page cannot be forgotten here.
"""

from collections.abc import Iterable

ROLES = ("owner", "manager", "cashier", "technician")

RIGHTS: dict[str, frozenset[str]] = {
    "signed_in": frozenset(ROLES),
    "see_hall": frozenset(ROLES),
    "see_log": frozenset(ROLES),
    "see_customers": frozenset({"owner", "manager", "cashier"}),
    "see_revenue": frozenset({"owner", "manager"}),
    "register_customers": frozenset({"owner", "manager", "cashier"}),
    "sell": frozenset({"owner", "manager", "cashier"}),
    "give_time": frozenset({"owner", "manager", "cashier"}),
    "take_back_money": frozenset({"owner", "manager"}),
    "run_sessions": frozenset({"owner", "manager", "cashier"}),
    "message_players": frozenset(ROLES),
    "handle_alarms": frozenset(ROLES),
    "answer_calls": frozenset(ROLES),
    "mark_computers": frozenset(ROLES),
    "manage_computers": frozenset({"owner", "manager", "technician"}),
    "manage_applications": frozenset({"owner", "manager", "technician"}),
    "manage_tariffs": frozenset({"owner", "manager"}),
    "export_lists": frozenset({"owner", "manager"}),
    "see_settings": frozenset({"owner", "manager"}),
    "change_settings": frozenset({"owner"}),
    "see_status": frozenset({"owner", "manager", "technician"}),
    "make_backups": frozenset({"owner", "manager"}),
    "manage_backups": frozenset({"owner"}),
}
"""Right → the roles that have it."""

OPEN = frozenset(
    {
        "static",
        "home",
        "staff.sign_in",
        "club.set_up",
        "set_up.restore",
        "set_up.upload",
        "restoring.index",
        "restoring.state",
        "favicon",
        "staff_api.sign_in",
        "api_description",
    }
)
"""Endpoints that ask for no right: what a stranger may see, and what only leads on."""

ENDPOINTS: dict[str, str] = {
    # pages
    "staff.sign_out": "signed_in",
    "reports.dashboard": "see_hall",
    "pc.show": "see_hall",
    "pc.history": "see_log",
    "pc.revoke": "manage_computers",
    "attention.live": "see_hall",
    "attention.take_call": "answer_calls",
    "attention.close_call": "answer_calls",
    "attention.take_alarm": "handle_alarms",
    "attention.close_alarm": "handle_alarms",
    "attention.dismiss_ending": "run_sessions",
    "reports.report": "see_hall",
    "computers.index": "see_hall",
    "computers.live": "see_hall",
    "computers.rename": "manage_computers",
    "computers.message": "message_players",
    "computers.approve": "manage_computers",
    "computers.refuse": "manage_computers",
    "halls.index": "manage_computers",
    "halls.create_hall": "manage_computers",
    "halls.rename_hall": "manage_computers",
    "halls.move_hall": "manage_computers",
    "halls.delete_hall": "manage_computers",
    "halls.create_zone": "manage_computers",
    "halls.change_zone": "manage_computers",
    "halls.move_zone": "manage_computers",
    "halls.delete_zone": "manage_computers",
    "halls.place": "manage_computers",
    "halls.number": "manage_computers",
    "conditions.mark_broken": "mark_computers",
    "conditions.mend": "mark_computers",
    "conditions.keep": "mark_computers",
    "conditions.let_go": "mark_computers",
    "conditions.choose_customer": "see_customers",
    "sessions.seat_guest": "sell",
    "sessions.seat_customer": "sell",
    "sessions.choose_customer": "sell",
    "sessions.extend": "sell",
    "sessions.pause": "run_sessions",
    "sessions.resume": "run_sessions",
    "sessions.end": "run_sessions",
    "sessions.move": "run_sessions",
    "sessions.release": "run_sessions",
    "customers.index": "see_customers",
    "customers.register": "register_customers",
    "customers.top_up": "sell",
    "customers.give_time": "give_time",
    "customers.take_back": "sell",
    "tariffs.index": "signed_in",
    "tariffs.create": "manage_tariffs",
    "tariffs.change": "manage_tariffs",
    "tariffs.retire": "manage_tariffs",
    "tariffs.restore": "manage_tariffs",
    "tariffs.move": "manage_tariffs",
    "applications.index": "signed_in",
    "applications.create": "manage_applications",
    "applications.change": "manage_applications",
    "applications.retire": "manage_applications",
    "applications.restore": "manage_applications",
    "applications.move": "manage_applications",
    "journal.index": "see_log",
    "club.settings": "see_settings",
    "club.first_evening": "see_settings",
    "club.close_first_evening": "change_settings",
    "club.remove_demo": "change_settings",
    "status.index": "see_status",
    "status.look_again": "see_status",
    "backups.index": "make_backups",
    "backups.make": "make_backups",
    "backups.check": "make_backups",
    "backups.download": "manage_backups",
    "backups.restore": "manage_backups",
    "backups.passphrase": "manage_backups",
    "backups.upload": "manage_backups",
    # API
    "club_api.show_settings": "see_settings",
    "club_api.change_settings": "change_settings",
    "club_api.show_first_evening": "see_settings",
    "club_api.close_first_evening": "change_settings",
    "club_api.remove_demo": "change_settings",
    "status_api.show": "see_status",
    "backups_api.list_backups": "make_backups",
    "backups_api.make": "make_backups",
    "backups_api.check": "make_backups",
    "backups_api.download": "manage_backups",
    "backups_api.restore": "manage_backups",
    "backups_api.set_passphrase": "manage_backups",
    "staff_api.sign_out": "signed_in",
    "reports_api.dashboard": "see_hall",
    "reports_api.revenue": "see_revenue",
    "reports_api.occupation": "see_hall",
    "reports_api.games": "see_hall",
    "computers_api.live": "see_hall",
    "computers_api.list_computers": "see_hall",
    "computers_api.rename": "manage_computers",
    "computers_api.send_message": "message_players",
    "computers_api.list_pairings": "see_hall",
    "computers_api.approve": "manage_computers",
    "computers_api.refuse": "manage_computers",
    "halls_api.list_halls": "see_hall",
    "halls_api.create_hall": "manage_computers",
    "halls_api.change_hall": "manage_computers",
    "halls_api.move_hall": "manage_computers",
    "halls_api.delete_hall": "manage_computers",
    "halls_api.create_zone": "manage_computers",
    "halls_api.change_zone": "manage_computers",
    "halls_api.move_zone": "manage_computers",
    "halls_api.delete_zone": "manage_computers",
    "halls_api.place": "manage_computers",
    "halls_api.number": "manage_computers",
    "conditions_api.mark_broken": "mark_computers",
    "conditions_api.mend": "mark_computers",
    "conditions_api.keep": "mark_computers",
    "conditions_api.let_go": "mark_computers",
    "sessions_api.seat_guest": "sell",
    "sessions_api.seat_customer": "sell",
    "sessions_api.sell_code": "sell",
    "sessions_api.extend": "sell",
    "sessions_api.pause": "run_sessions",
    "sessions_api.resume": "run_sessions",
    "sessions_api.end": "run_sessions",
    "sessions_api.move": "run_sessions",
    "sessions_api.release": "run_sessions",
    "counter_api.sell_together": "sell",
    "counter_api.sell_to_each": "sell",
    "counter_api.give_time": "give_time",
    "counter_api.pause": "run_sessions",
    "counter_api.resume": "run_sessions",
    "counter_api.end": "run_sessions",
    "counter_api.send_message": "message_players",
    "customers_api.list_customers": "see_customers",
    "customers_api.show": "see_customers",
    "customers_api.register": "register_customers",
    "customers_api.top_up": "sell",
    "customers_api.give_time": "give_time",
    "customers_api.take_back": "sell",
    "tariffs_api.list_tariffs": "signed_in",
    "tariffs_api.create": "manage_tariffs",
    "tariffs_api.change": "manage_tariffs",
    "tariffs_api.retire": "manage_tariffs",
    "tariffs_api.restore": "manage_tariffs",
    "tariffs_api.move": "manage_tariffs",
    "applications_api.list_applications": "signed_in",
    "applications_api.create": "manage_applications",
    "applications_api.change": "manage_applications",
    "applications_api.retire": "manage_applications",
    "applications_api.restore": "manage_applications",
    "applications_api.move": "manage_applications",
    "journal_api.list_launches": "see_log",
    "journal_api.show_log": "see_log",
    "journal_api.list_alarms": "see_hall",
    "journal_api.close_alarm": "handle_alarms",
    "journal_api.take_alarm": "handle_alarms",
    "pc_api.show": "see_hall",
    "pc_api.revoke": "manage_computers",
    "pc_api.commands": "see_log",
    "pc_api.sessions": "see_log",
    "pc_api.alarms": "see_log",
    "attention_api.show": "see_hall",
    "attention_api.take_call": "answer_calls",
    "attention_api.close_call": "answer_calls",
    "attention_api.dismiss_ending": "run_sessions",
}
"""Endpoint of a page or an API call → the right it asks for."""


def may(role: str, right: str) -> bool:
    """Whether people of this role have the right. KeyError for a right that does not exist."""
    return role in RIGHTS[right]


def may_call(role: str, endpoint: str) -> bool:
    """Whether people of this role may ask for the endpoint."""
    return endpoint in OPEN or may(role, ENDPOINTS[endpoint])


def check_complete(endpoints: Iterable[str]) -> None:
    """Raises ValueError if the tables and the application's endpoints differ, naming each difference."""
    existing = frozenset(endpoints)
    ruled = OPEN | ENDPOINTS.keys()
    problems = [
        *(f"{name}: asks for no right" for name in sorted(existing - ruled)),
        *(f"{name}: does not exist" for name in sorted(ruled - existing)),
        *(
            f"{name}: right {right} does not exist"
            for name, right in ENDPOINTS.items()
            if right not in RIGHTS
        ),
    ]
    if problems:
        raise ValueError("lovhub/server/staff/rights.py: " + "; ".join(problems))
