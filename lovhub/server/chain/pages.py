"""«Сеть»: the owner's page over all clubs."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.chain import queries, service, sharing
from lovhub.server.chain.forms import ANOTHER_OWNER_S, AnswerForm, LinkForm, ShareForm
from lovhub.server.customers.belonging import names_of_sharing
from lovhub.server.customers.queries import count as count_customers
from lovhub.server.errors import OperationRefused
from lovhub.server.reports import rules
from lovhub.server.reports.queries import owed as owed_now
from lovhub.server.web import current, forms
from lovhub.server.web.forms import Form, choices

pages = Blueprint("chain", __name__, url_prefix="/admin/chain")


@pages.get("")
def index() -> ResponseReturnValue:
    """All clubs of the person who asks, as they stand now; and of those that share customers, who owes whom."""
    club = current.club()
    now = club.clock.now()
    with club.read() as db:
        ids = queries.clubs_of(db, current.actor().id or 0)
        shared = names_of_sharing(db, club.club_id)
        asked = queries.asked(db, club.club_id, now)
        wanted = queries.wanted(db, club.club_id, now)
        may_share = asked is None and queries.may_share(db, club.club_id)
        shown = {*ids, *shared}
        # Of one club that shares with none the page has no figures to say.
        figures = queries.figures(db, sorted(shown), now) if len(shown) > 1 or may_share else []
    own = [one for one in figures if one.id in ids]
    names = {one.id: one.name for one in figures}
    return render_template(
        "chain/index.html",
        clubs=own,
        with_money=figures,
        own_id=club.club_id,
        today=rules.together(one.today for one in own),
        month=rules.together(one.month for one in own),
        names=names,
        wanted=wanted,
        asked=asked,
        asked_name="" if asked is None else names.get(asked.of_club_id, f"№ {asked.of_club_id}"),
        may_share=may_share,
        form=Form(),
    )


@pages.route("/code", methods=["GET", "POST"])
def make_code() -> ResponseReturnValue:
    """Show a code with which the same person says so in another club."""
    form, code = Form(), ""
    if form.validate_on_submit():
        code = service.make_code(current.club(), actor=current.actor())
    return forms.show_form("chain/code.html", form, code=code, minutes=service.CODE_SECONDS // 60)


@pages.route("/link", methods=["GET", "POST"])
def link() -> ResponseReturnValue:
    """Enter the code that another club has shown."""
    form = LinkForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            name = service.link(
                current.club(), code=form.link_code.data or "", actor=current.actor()
            )
            return forms.done_anew(
                _("Клуб «%(name)s» теперь здесь", name=name), url_for("chain.index")
            )
    return forms.show_form("chain/link.html", form)


@pages.route("/unlink", methods=["GET", "POST"])
def unlink() -> ResponseReturnValue:
    """Take this club from among the others, after asking."""
    form = Form()
    if form.validate_on_submit():
        service.unlink(current.club(), actor=current.actor())
        return forms.done_anew(_("Этот клуб отвязан от остальных"), url_for("chain.index"))
    return forms.show_form("chain/unlink.html", form)


@pages.route("/customers", methods=["GET", "POST"])
def share_customers() -> ResponseReturnValue:
    """Take over another club's customers, for good, or ask its owner for it."""
    club = current.club()
    person_id = current.actor().id or 0
    with club.read() as db:
        ids = [one for one in queries.clubs_of(db, person_id) if one != club.club_id]
        others = queries.with_own_customers(db, ids)
        asked_first = queries.with_other_owners(db, ids, person_id) | {ANOTHER_OWNER_S}
    form = ShareForm(data=None if others else {"of": ANOTHER_OWNER_S})
    form.of.choices = choices([*others, (ANOTHER_OWNER_S, _("Другого владельца"))])
    if form.validate_on_submit():
        with form.showing_refusals():
            is_done = sharing.share_customers(
                club, of_club_id=form.of_club_id(), actor=current.actor()
            )
            told = (
                _("Клиенты теперь общие")
                if is_done
                else _("Владелец того клуба увидит просьбу в своей админке и ответит")
            )
            return forms.done_anew(told, url_for("chain.index"))
    return forms.show_form("chain/share.html", form, asked_first=asked_first)


@pages.route("/requests/<int:request_id>", methods=["GET", "POST"])
def answer_request(request_id: int) -> ResponseReturnValue:
    """Another club wants this one's customers: what will be, and yes or no."""
    club, form = current.club(), AnswerForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            name = sharing.answer(
                club,
                request_id=request_id,
                consents=form.answer.data == "consent",
                actor=current.actor(),
            )
            told = (
                _("Клиенты теперь общие с клубом «%(name)s»", name=name)
                if form.answer.data == "consent"
                else _("Клубу «%(name)s» отказано", name=name)
            )
            return forms.done_anew(told, url_for("chain.index"))
    with club.read() as db:
        found = queries.wanted(db, club.club_id, club.clock.now())
        asks = next((one for one in found if one.id == request_id), None)
        if asks is None:
            raise OperationRefused("share_request_over")
        customers = count_customers(db, club.club_id)
        owed = owed_now(db, current.club_row())
    return forms.show_form("chain/answer.html", form, asks=asks, customers=customers, owed=owed)


@pages.route("/customers/withdraw", methods=["GET", "POST"])
def withdraw_request() -> ResponseReturnValue:
    """Ask no longer, after asking."""
    form = Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            sharing.withdraw(current.club(), actor=current.actor())
            return forms.done_anew(_("Просьба отозвана"), url_for("chain.index"))
    return forms.show_form("chain/withdraw.html", form)
