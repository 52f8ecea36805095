"""«Люди»: accounts, roles, what each person did, who is signed in."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.database.keyset import read_place
from lovhub.server.journal import log, sentences
from lovhub.server.journal.log import LogFilter
from lovhub.server.staff import allowed, people, queries, rights, rules, second_factor, sign_ins
from lovhub.server.staff.forms import AccountForm, AddressesForm, PersonForm, SecondFactorRuleForm
from lovhub.server.staff.queries import PersonRow
from lovhub.server.web import current, forms
from lovhub.server.web.forms import Form

pages = Blueprint("people", __name__, url_prefix="/admin/people")


@pages.get("")
def index() -> ResponseReturnValue:
    """Those whom one manages."""
    club = current.club()
    with club.read() as db:
        found = queries.people(db, club.club_id, roles=_managed())
    return render_template(
        "people/index.html",
        people=found,
        role_names=rights.ROLE_NAMES,
        required=current.club_row().second_factor_roles.split(),
    )


@pages.get("/<int:staff_id>")
def show(staff_id: int) -> ResponseReturnValue:
    """A person, and what they did, the newest first."""
    club = current.club()
    with club.read() as db:
        person = queries.person_row(db, club.club_id, staff_id, roles=_managed())
        page = log.page(
            db,
            club.club_id,
            LogFilter(staff_id=staff_id),
            place=read_place(request.args.get("before", "")),
        )
        account = queries.account_of(db, staff_id)
    return render_template(
        "people/person.html",
        person=person,
        account=account,
        page=page,
        role_names=rights.ROLE_NAMES,
        sentence=sentences.sentence,
    )


@pages.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """A new account."""
    form = PersonForm(data={"role": "cashier", "language": current.club_row().language})
    form.offer_roles(_managed())
    if form.validate_on_submit():
        with form.showing_refusals():
            _id, password = people.create(
                current.club(),
                login=form.login.data or "",
                name=form.name.data or "",
                role=form.role.data,
                language=form.language.data,
                actor=current.actor(),
            )
            return _password(form.login.data or "", password)
    return forms.show_form(
        "people/form.html", form, title=_("Новый сотрудник"), address=url_for("people.create")
    )


@pages.route("/<int:staff_id>/edit", methods=["GET", "POST"])
def change(staff_id: int) -> ResponseReturnValue:
    """Another name, role or language."""
    person = _person(staff_id)
    form = PersonForm(data={"name": person.name, "role": person.role, "language": person.language})
    del form.login
    form.offer_roles(_managed())
    if form.validate_on_submit():
        with form.showing_refusals():
            people.change(
                current.club(),
                staff_id=staff_id,
                name=form.name.data or "",
                role=form.role.data,
                language=form.language.data,
                actor=current.actor(),
            )
            return forms.done(_("Сохранено"), url_for("people.index"))
    address = url_for("people.change", staff_id=staff_id)
    return forms.show_form("people/form.html", form, title=person.name, address=address)


@pages.route("/<int:staff_id>/password", methods=["GET", "POST"])
def give_new_password(staff_id: int) -> ResponseReturnValue:
    """A one-time password for somebody who has forgotten theirs."""
    person = _person(staff_id)
    form = Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            password = people.give_new_password(
                current.club(), staff_id=staff_id, actor=current.actor()
            )
            return _password(person.login, password)
    return _ask(
        form,
        title=_("Новый пароль для «%(name)s»?", name=person.name),
        text=_(
            "Старый пароль перестанет работать, сеансы входа завершатся. Новый будет показан один раз;"
            " при первом входе сотрудник заменит его своим."
        ),
        address=url_for("people.give_new_password", staff_id=staff_id),
        button=_("Выдать новый пароль"),
    )


@pages.route("/<int:staff_id>/account", methods=["GET", "POST"])
def name_account(staff_id: int) -> ResponseReturnValue:
    """Under which customer account the person plays."""
    person = _person(staff_id)
    with current.club().read() as db:
        form = AccountForm(data={"account": queries.account_of(db, staff_id)})
    if form.validate_on_submit():
        with form.showing_refusals():
            people.name_account(
                current.club(),
                staff_id=staff_id,
                login=form.account.data or "",
                actor=current.actor(),
            )
            return forms.done(_("Сохранено"), url_for("people.show", staff_id=staff_id))
    return forms.show_form("people/account.html", form, person=person)


@pages.route("/<int:staff_id>/disable", methods=["GET", "POST"])
def disable(staff_id: int) -> ResponseReturnValue:
    """Let somebody in no more."""
    person = _person(staff_id)
    form = Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            people.disable(current.club(), staff_id=staff_id, actor=current.actor())
            return forms.done(_("Вход закрыт"), url_for("people.index"))
    return _ask(
        form,
        title=_("Закрыть вход для «%(name)s»?", name=person.name),
        text=_(
            "Сотрудник выйдет отовсюду сейчас же и больше не войдёт. Его действия останутся в журнале;"
            " вход можно открыть снова."
        ),
        address=url_for("people.disable", staff_id=staff_id),
        button=_("Закрыть вход"),
    )


@pages.route("/<int:staff_id>/enable", methods=["GET", "POST"])
def enable(staff_id: int) -> ResponseReturnValue:
    """Let somebody in again."""
    person = _person(staff_id)
    form = Form()
    if form.validate_on_submit():
        people.enable(current.club(), staff_id=staff_id, actor=current.actor())
        return forms.done(_("Вход открыт"), url_for("people.index"))
    return _ask(
        form,
        title=_("Открыть вход для «%(name)s»?", name=person.name),
        text=_("Сотрудник войдёт с прежним паролем."),
        address=url_for("people.enable", staff_id=staff_id),
        button=_("Открыть вход"),
        style="primary",
    )


@pages.route("/<int:staff_id>/second-factor", methods=["GET", "POST"])
def reset_second_factor(staff_id: int) -> ResponseReturnValue:
    """Somebody has lost their telephone."""
    person = _person(staff_id)
    form = Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            people.reset_second_factor(current.club(), staff_id=staff_id, actor=current.actor())
            return forms.done(_("Второй фактор сброшен"), url_for("people.index"))
    return _ask(
        form,
        title=_("Сбросить второй фактор у «%(name)s»?", name=person.name),
        text=_("До новой настройки для входа хватит пароля. Сначала убедитесь, что это он сам."),
        address=url_for("people.reset_second_factor", staff_id=staff_id),
        button=_("Сбросить"),
    )


@pages.get("/rights")
def show_rights() -> ResponseReturnValue:
    """Who may do what."""
    return render_template(
        "people/rights.html",
        roles=rights.ROLE_NAMES,
        rights=[(rights.NAMES[right], having) for right, having in rights.RIGHTS.items()],
    )


@pages.route("/second-factor", methods=["GET", "POST"])
def second_factor_rule() -> ResponseReturnValue:
    """Whose people must have a second factor."""
    form = SecondFactorRuleForm(data={"roles": current.club_row().second_factor_roles.split()})
    if form.validate_on_submit():
        second_factor.require(current.club(), roles=form.roles.data or [], actor=current.actor())
        return forms.done(_("Сохранено"), url_for("people.index"))
    return forms.show_form("people/second_factor_rule.html", form)


@pages.route("/addresses", methods=["GET", "POST"])
def allowed_addresses() -> ResponseReturnValue:
    """From where people may sign in and work."""
    asking = current.caller()
    form = AddressesForm(data={"addresses": "\n".join(current.club_row().staff_addresses.split())})
    if form.validate_on_submit():
        with form.showing_refusals():
            allowed.set_addresses(
                current.club(),
                typed=form.addresses.data or "",
                asking=asking,
                actor=current.actor(),
            )
            return forms.done(_("Сохранено"), url_for("people.index"))
    return forms.show_form("people/addresses.html", form, own_address=asking.address)


@pages.get("/sessions")
def list_sessions() -> ResponseReturnValue:
    """Who is signed in, and where."""
    club = current.club()
    with club.read() as db:
        page = queries.live_sign_ins(
            db,
            club.club_id,
            club.clock.now(),
            after=current.number(request.args.get("after")),
        )
    return render_template(
        "people/sessions.html",
        page=page,
        role_names=rights.ROLE_NAMES,
        own_session_id=current.signed_in().session.id,
    )


@pages.route("/sessions/<int:staff_session_id>/end", methods=["GET", "POST"])
def end_session(staff_session_id: int) -> ResponseReturnValue:
    """Sign somebody out of one browser."""
    form = Form()
    if form.validate_on_submit():
        sign_ins.end_one(
            current.club(),
            staff_session_id=staff_session_id,
            own_session_id=current.signed_in().session.id,
            of=None,
            actor=current.actor(),
        )
        return forms.done(_("Сеанс входа завершён"), url_for("people.list_sessions"))
    return _ask(
        form,
        title=_("Завершить сеанс входа?"),
        text=_("В том браузере понадобится войти заново."),
        address=url_for("people.end_session", staff_session_id=staff_session_id),
        button=_("Завершить"),
    )


def _managed() -> tuple[str, ...]:
    return rules.MANAGED[current.signed_in().staff.role]


def _person(staff_id: int) -> PersonRow:
    club = current.club()
    with club.read() as db:
        return queries.person_row(db, club.club_id, staff_id, roles=_managed())


def _ask(form: Form, *, style: str = "danger", **values: str) -> ResponseReturnValue:
    return forms.show_form("staff/confirm.html", form, style=style, **values)


def _password(login: str, password: str) -> ResponseReturnValue:
    """The one-time password, shown only now."""
    layout = "part.html" if current.is_htmx() else "page.html"
    return render_template("people/password.html", login=login, password=password, layout=layout)
