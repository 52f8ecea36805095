"""«Моя учётная запись»: name, language, theme, password, second factor, sign-ins."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.languages import LANGUAGES
from lovhub.server.staff import own, queries, rights, rules, second_factor, sign_ins
from lovhub.server.staff.forms import (
    CodeForm,
    ConfirmationForm,
    OwnAccountForm,
    PasswordForm,
)
from lovhub.server.web import current, forms, guard, language
from lovhub.server.web.forms import Form

pages = Blueprint("profile", __name__, url_prefix="/admin/me")


@pages.get("")
def index() -> ResponseReturnValue:
    """One's own account."""
    club, person = current.club(), current.signed_in()
    with club.read() as db:
        open_now = queries.live_sign_ins(
            db,
            club.club_id,
            club.clock.now(),
            staff_id=person.staff.id,
            after=current.number(request.args.get("after")),
        )
        codes_left = queries.recovery_codes_left(db, person.staff.id)
    return render_template(
        "staff/profile.html",
        person=person.staff,
        languages=LANGUAGES,
        role_names=rights.ROLE_NAMES,
        sign_ins=open_now,
        own_session_id=person.session.id,
        codes_left=codes_left,
        required=_is_required(),
    )


@pages.route("/edit", methods=["GET", "POST"])
def change() -> ResponseReturnValue:
    """Another name or language."""
    person = current.signed_in().staff
    form = OwnAccountForm(data={"name": person.name, "language": person.language})
    if form.validate_on_submit():
        with form.showing_refusals():
            own.change(
                current.club(),
                name=form.name.data or "",
                language=form.language.data,
                actor=current.actor(),
            )
            language.speak(form.language.data)
            return forms.done_anew(_("Сохранено"), url_for("profile.index"))
    return forms.show_form("staff/own_account.html", form)


@pages.route("/password", methods=["GET", "POST"])
def change_password() -> ResponseReturnValue:
    """Another password."""
    person = current.signed_in()
    form = PasswordForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            token = own.change_password(
                current.club(),
                old=form.old.data or "",
                new=form.new.data or "",
                staff_session_id=person.session.id,
                actor=person.actor,
            )
            return _with_token(forms.done(_("Пароль изменён"), url_for("profile.index")), token)
    return forms.show_form("staff/password.html", form, person=person)


@pages.route("/second-factor", methods=["GET", "POST"])
def set_up_second_factor() -> ResponseReturnValue:
    """Put the secret into a telephone, and prove it with the telephone's first code."""
    person = current.signed_in()
    if person.staff.has_second_factor:
        return redirect(url_for("profile.index"), 303)
    form = ConfirmationForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            turned_on = second_factor.turn_on(
                current.club(),
                sealed=form.offer.data or "",
                code=form.code.data or "",
                actor=person.actor,
                staff_session_id=person.session.id,
            )
            return _with_token(_recovery_codes(turned_on.codes), turned_on.token)
    offer = second_factor.offer(current.club(), person.staff, form.offer.data or "")
    form.offer.data = offer.sealed
    return forms.show_form(
        "staff/second_factor.html", form, offer=offer, person=person, key=_in_fours(offer.secret)
    )


@pages.route("/second-factor/off", methods=["GET", "POST"])
def turn_off_second_factor() -> ResponseReturnValue:
    """Do without it."""
    form = CodeForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            second_factor.turn_off(current.club(), code=form.code.data or "", actor=current.actor())
            return forms.done(_("Второй фактор выключен"), url_for("profile.index"))
    return forms.show_form(
        "staff/code.html",
        form,
        title=_("Выключить второй фактор?"),
        text=_("Для входа снова хватит пароля. Подтвердите кодом."),
        address=url_for("profile.turn_off_second_factor"),
        button=_("Выключить"),
        style="danger",
    )


@pages.route("/recovery-codes", methods=["GET", "POST"])
def renew_recovery_codes() -> ResponseReturnValue:
    """New recovery codes in place of the old ones."""
    form = CodeForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            codes = second_factor.renew_recovery_codes(
                current.club(), code=form.code.data or "", actor=current.actor()
            )
            return _recovery_codes(codes)
    return forms.show_form(
        "staff/code.html",
        form,
        title=_("Новые резервные коды"),
        text=_("Прежние коды перестанут работать. Подтвердите кодом."),
        address=url_for("profile.renew_recovery_codes"),
        button=_("Получить новые"),
        style="primary",
    )


@pages.route("/sessions/<int:staff_session_id>/end", methods=["GET", "POST"])
def end_session(staff_session_id: int) -> ResponseReturnValue:
    """Sign out another browser of one's own."""
    person = current.signed_in()
    form = Form()
    if form.validate_on_submit():
        sign_ins.end_one(
            current.club(),
            staff_session_id=staff_session_id,
            own_session_id=person.session.id,
            of=person.staff.id,
            actor=person.actor,
        )
        return forms.done(_("Сеанс входа завершён"), url_for("profile.index"))
    return forms.show_form(
        "staff/confirm.html",
        form,
        title=_("Завершить сеанс входа?"),
        text=_("В том браузере понадобится войти заново."),
        address=url_for("profile.end_session", staff_session_id=staff_session_id),
        button=_("Завершить"),
        style="danger",
    )


@pages.route("/sessions/end-others", methods=["GET", "POST"])
def end_other_sessions() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    person = current.signed_in()
    form = Form()
    if form.validate_on_submit():
        ended, token = sign_ins.end_others(
            current.club(), own_session_id=person.session.id, actor=person.actor
        )
        said = _("Завершено сеансов входа: %(n)s", n=ended)
        return _with_token(forms.done(said, url_for("profile.index")), token)
    return forms.show_form(
        "staff/confirm.html",
        form,
        title=_("Выйти везде, кроме этого браузера?"),
        text=_("На всех других устройствах понадобится войти заново."),
        address=url_for("profile.end_other_sessions"),
        button=_("Выйти везде"),
        style="danger",
    )


def _is_required() -> bool:
    role = current.signed_in().staff.role
    return rules.asks_second_factor(role, current.club_row().second_factor_roles)


def _with_token(answer: ResponseReturnValue, token: str) -> ResponseReturnValue:
    """The answer, with the token that the sign-in in use has from now on."""
    response = make_response(answer)
    guard.set_cookie(response, token)
    return response


def _in_fours(secret: str) -> str:
    """As people type it: in groups."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _recovery_codes(codes: list[str]) -> ResponseReturnValue:
    layout = "part.html" if current.is_htmx() else "page.html"
    return render_template("staff/recovery_codes.html", codes=codes, layout=layout)
