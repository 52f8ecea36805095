"""The rooms that keep the club itself in order, as the web admin takes them in: set-up, backups, status, updates."""

from lovhub.server.backups.api import api as backups_api
from lovhub.server.backups.pages import pages as backups_pages
from lovhub.server.backups.pages import restoring_pages
from lovhub.server.club import first_evening, texts
from lovhub.server.club.set_up import pages as set_up_pages
from lovhub.server.club.set_up_store import pages as set_up_store_pages
from lovhub.server.status.api import api as status_api
from lovhub.server.status.pages import pages as status_pages
from lovhub.server.updates.api import api as updates_api
from lovhub.server.updates.pages import pages as updates_pages
from lovhub.server.web import current, navigation

PAGES = (
    set_up_pages,
    set_up_store_pages,
    backups_pages,
    restoring_pages,
    status_pages,
    updates_pages,
)
APIS = (backups_api, status_api, updates_api)


def for_templates() -> dict[str, object]:
    """What every page may show of the club's upkeep."""
    return {
        "first_evening": _first_evening,
        "step_texts": texts.FIRST_EVENING,
        "trouble": _trouble,
    }


def _first_evening() -> list[first_evening.Step]:
    """What the club still lacks on its first evening, for whoever runs it."""
    if not navigation.may("see_settings"):
        return []
    with current.club().read() as db:
        return first_evening.open_steps(db, current.club_row(), current.server().keeper)


def _trouble() -> int:
    """How many self-checks have something to say, as last seen; for whoever may do something about it."""
    return len(current.server().board.known) if navigation.may("see_status") else 0
