"""The counter for several PCs: one payment, time for everybody, pause, resume, end, message."""

from collections.abc import Callable, Sequence

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.counter import by_code, messages
from lovhub.server.counter.chosen import Chosen, chosen_computers
from lovhub.server.counter.forms import GiveTimeForm, MessageForm, SellTogetherForm
from lovhub.server.counter.pages import chosen_customer, found
from lovhub.server.counter.shares import sold_together
from lovhub.server.sessions import group, group_sale
from lovhub.server.sessions.group_sale import Payer
from lovhub.server.sessions.till import Till
from lovhub.server.sessions.together import Outcome
from lovhub.server.web import current, forms, refusals, texts
from lovhub.server.web.forms import Form

pages = Blueprint("several", __name__, url_prefix="/admin/counter")


@pages.route("/sell", methods=["GET", "POST"])
def sell() -> ResponseReturnValue:
    """One payment for all of them; or each customer's own balance."""
    chosen, form = chosen_computers(), SellTogetherForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            return _sold_to_each(chosen, form) if form.method.data == "own" else _sold(chosen, form)
    together = sold_together(chosen.ids)
    form.offer(together.offered)
    form.shares.offer(together.shares)
    return forms.show_form(
        "counter/sell.html",
        form,
        chosen=chosen,
        customer=current.number(request.form.get("customer")),
        **found(form.search.data or ""),
    )


@pages.route("/time", methods=["GET", "POST"])
def give_time() -> ResponseReturnValue:
    """Time without money, after a failure, with its reason."""
    chosen, form = chosen_computers(), GiveTimeForm()
    if form.validate_on_submit():
        minutes = int(form.minutes.data or 0)
        with form.showing_refusals():
            outcomes = group.give_time(
                current.club(),
                computer_ids=None if chosen.everybody else chosen.ids,
                seconds=minutes * 60,
                title=texts.given_time(minutes),
                reason=form.why(),
                key=f"desk:{form.key.data}",
                actor=current.actor(),
            )
            return _told(_("Время добавлено"), outcomes)
    return forms.show_form("counter/time.html", form, chosen=chosen)


@pages.route("/pause", methods=["GET", "POST"])
def pause() -> ResponseReturnValue:
    """Stop the clock at each PC."""
    return _ask("pause", group.pause, _("Время остановлено"))


@pages.route("/resume", methods=["GET", "POST"])
def resume() -> ResponseReturnValue:
    """Start the clock again at each PC."""
    return _ask("resume", group.resume, _("Время пошло"))


@pages.route("/end", methods=["GET", "POST"])
def end() -> ResponseReturnValue:
    """End the sessions, after a question that says what is left of each."""
    return _ask("end", group.end, _("Сеансы завершены"))


@pages.route("/message", methods=["GET", "POST"])
def message() -> ResponseReturnValue:
    """Show the players at these PCs a message."""
    chosen, form = chosen_computers(), MessageForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            outcomes = messages.send(chosen.ids, form.text.data or "")
            return _told(_("Сообщение отправлено"), outcomes)
    return forms.show_form("counter/message.html", form, chosen=chosen)


def _ask(
    what: str, operation: Callable[..., tuple[Outcome, ...]], done: str
) -> ResponseReturnValue:
    chosen, form = chosen_computers(), Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            return _told(
                done,
                operation(current.club(), computer_ids=chosen.ids, actor=current.actor()),
            )
    return forms.show_form("counter/ask.html", form, chosen=chosen, what=what)


def _sold(chosen: Chosen, form: SellTogetherForm) -> ResponseReturnValue:
    method = form.method.data
    till = Till(
        price_tiyn=form.price_tiyn(),
        received_tiyn=form.received_tiyn(),
        parts=form.parts(),
        shares=form.shares_shown(),
    )
    if amount := by_code.kaspi_tiyn(form, form.price_tiyn() or 0):
        return by_code.place(
            "together",
            amount_tiyn=amount,
            key=f"desk:{form.key.data}",
            phone=form.phone.data or "",
            at=chosen.ids,
            computer_ids=chosen.ids,
            tariff_id=form.tariff.tariff_id(),
            payer=Payer(method),
            till=till,
            despite_kept=form.despite_kept.data,
            night_leave=form.night_leave.data or "",
        )
    paid = group_sale.sell_together(
        current.club().paid_by_kaspi(form.operation.data),
        computer_ids=chosen.ids,
        tariff_id=form.tariff.tariff_id(),
        payer=Payer(method, chosen_customer() if method == "balance" else None),
        key=f"desk:{form.key.data}",
        actor=current.actor(),
        till=till,
        despite_kept=form.despite_kept.data,
        night_leave=form.night_leave.data or "",
    )
    names = _names()
    return render_template(
        "counter/receipt.html",
        layout=_layout(),
        paid=paid,
        method=method,
        receipt_of=f"desk:{form.key.data}",
        lines=[
            (names.get(outcome.computer_id, ""), price, bonus)
            for outcome, price, bonus in zip(
                paid.outcomes, paid.prices_tiyn, paid.bonuses_tiyn, strict=True
            )
        ],
    )


def _sold_to_each(chosen: Chosen, form: SellTogetherForm) -> ResponseReturnValue:
    outcomes = group_sale.sell_to_each(
        current.club(),
        computer_ids=chosen.ids,
        tariff_id=form.tariff.tariff_id(),
        key=f"desk:{form.key.data}",
        actor=current.actor(),
        till=Till(zones=form.prices_by_zone()),
    )
    return _told(_("Время добавлено"), outcomes)


def _told(message: str, outcomes: Sequence[Outcome]) -> ResponseReturnValue:
    """A short word where all went well; where some refused, which and why."""
    done = [outcome for outcome in outcomes if not outcome.refusal]
    if len(done) == len(outcomes):
        return forms.done(
            _("%(message)s. ПК: %(count)s", message=message, count=len(done)),
            url_for("computers.index"),
        )
    names = _names()
    return render_template(
        "counter/outcomes.html",
        layout=_layout(),
        message=message,
        done=[names.get(outcome.computer_id, "") for outcome in done],
        refused=[
            (
                names.get(outcome.computer_id, str(outcome.computer_id)),
                refusals.refusal(outcome.refusal),
            )
            for outcome in outcomes
            if outcome.refusal
        ],
    )


def _names() -> dict[int, str]:
    return {row.computer_id: row.name for row in current.server().hall.snapshot().rows}


def _layout() -> str:
    return "part.html" if current.is_htmx() else "page.html"
