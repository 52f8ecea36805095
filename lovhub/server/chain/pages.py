"""«Сеть»: the owner's page over all clubs."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.chain import queries, service
from lovhub.server.chain.forms import LinkForm, ShareForm
from lovhub.server.reports import rules
from lovhub.server.web import current, forms
from lovhub.server.web.forms import Form, choices

pages = Blueprint("chain", __name__, url_prefix="/admin/chain")


@pages.get("")
def index() -> ResponseReturnValue:
    """All clubs of the person who asks, as they stand now."""
    club = current.club()
    with club.read() as db:
        ids = queries.clubs_of(db, current.actor().id or 0)
        clubs = queries.figures(db, ids, club.clock.now())
        may_share = _may_share(clubs) and not queries.has_customers(db, club.club_id)
    return render_template(
        "chain/index.html",
        clubs=clubs,
        own_id=club.club_id,
        today=rules.together(one.today for one in clubs),
        month=rules.together(one.month for one in clubs),
        names={one.id: one.name for one in clubs},
        may_share=may_share,
        form=Form(),
    )


def _may_share(clubs: list[queries.ClubFigures]) -> bool:
    """Whether this club could take over the customers of another one of these."""
    own_id = current.club().club_id
    own = next((one for one in clubs if one.id == own_id), None)
    shares = own is None or any(one.customers_of == own_id for one in clubs if one.id != own_id)
    return own is not None and own.customers_of == own_id and not shares and len(clubs) > 1


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
    """Take over another club's customers, for good."""
    club = current.club()
    with club.read() as db:
        ids = queries.clubs_of(db, current.actor().id or 0)
        others = queries.with_own_customers(db, [one for one in ids if one != club.club_id])
    form = ShareForm()
    form.of.choices = choices(others)
    if form.validate_on_submit():
        with form.showing_refusals():
            service.share_customers(club, of_club_id=form.of.data, actor=current.actor())
            return forms.done_anew(_("Клиенты теперь общие"), url_for("chain.index"))
    return forms.show_form("chain/share.html", form)
