"""The rooms that keep the club itself in order, as the web admin takes them in: set-up, backups, status."""

from lovhub.server.backups.api import api as backups_api
from lovhub.server.backups.pages import pages as backups_pages
from lovhub.server.backups.pages import restoring_pages
from lovhub.server.club.set_up import pages as set_up_pages
from lovhub.server.status.api import api as status_api
from lovhub.server.status.pages import pages as status_pages

PAGES = (set_up_pages, backups_pages, restoring_pages, status_pages)
APIS = (backups_api, status_api)
