"""The first run, out of an S3-compatible store: what lies there, and one of it brought home before there is a club.

Whoever has the console's link says which store is asked, so the server asks an address of theirs. It does so encrypted
and with the certificate checked only, follows nowhere, and shows nothing of the answer but names of the form that
backups have, and a code of ours for why not. What was typed stays in memory.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lovhub.server.backups import store, texts
from lovhub.server.backups.forms import SetUpFetchForm, SetUpStoreForm
from lovhub.server.club.set_up import guarded, language, token
from lovhub.server.web import current
from lovhub.server.web.forms import choices

pages = Blueprint("set_up_store", __name__)


@pages.route("/setup/store", methods=["GET", "POST"])
@guarded
def look() -> ResponseReturnValue:
    """Which store, and what lies there."""
    form = SetUpStoreForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            if _visited(form):
                return redirect(_address(), 303)
    elif request.args.get("other"):
        current.server().keeper.visited = None
    return _page(form, SetUpFetchForm())


def _visited(form: SetUpStoreForm) -> bool:
    """Ask the store that is meant; False if what was typed cannot be used, which stands beside its field then."""
    keeper = current.server().keeper
    named = keeper.store
    if "named" not in request.form:
        named = store.read(form.section(), keeper.data, current.club().clock.now)
        if not named.is_wanted:
            form.mark("Endpoint")
            return False
        if named.wrong:
            form.mark(named.wrong)
            return False
    keeper.visit(named)
    return True


@pages.post("/setup/store/fetch")
@guarded
def fetch() -> ResponseReturnValue:
    """Bring one home; how far it is stands on the page."""
    form = SetUpFetchForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            current.server().keeper.begin_fetch_visited(form.key.data or "", form.phrase.data or "")
            return redirect(_address(), 303)
    return _page(SetUpStoreForm(formdata=None), form)


def _page(form: SetUpStoreForm, fetching: SetUpFetchForm) -> ResponseReturnValue:
    keeper = current.server().keeper
    visited, task = keeper.visited, keeper.task
    rows = [] if visited is None else visited.rows
    several = len({row.club for row in rows}) > 1
    fetching.key.choices = choices(
        (row.key, texts.stored_text(row, with_club=several)) for row in rows
    )
    if not fetching.is_submitted() and rows:
        fetching.key.data = rows[0].key
    page = render_template(
        "club/set_up_store.html",
        form=form,
        fetching=fetching,
        visited=visited,
        named=keeper.store.store,
        task=task if visited is not None and task is not None and task.what == "fetch" else None,
        task_text=texts.task_text,
        detail_text=texts.detail_text,
        token=token(),
        language_now=language(),
    )
    wrong = form.errors or form.form_errors or fetching.errors or fetching.form_errors
    return page, 422 if wrong else 200


def _address() -> str:
    return url_for("set_up_store.look", token=token(), language=language())
