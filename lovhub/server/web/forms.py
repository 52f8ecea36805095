"""What the forms of all domains share."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from markupsafe import escape
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than its stubs
    Field,
    HiddenField,
    SelectChoice,
)
from wtforms import SelectField as AnySelectField
from wtforms.widgets import Select, TextInput

from lovhub.server.errors import OperationRefused
from lovhub.server.web import current, errors, navigation, refusals
from lovhub.server.web.formatting import parse_money, plain_money

_MOST_DIGITS_OF_A_PLACE = 6
_OPERATION_KEY = re.compile(r"[\x21-\x7e]{1,100}")


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form that shows refusals of operations beside the fields they are about."""

    beside: ClassVar[Mapping[str, str]] = {}
    """Code of a refusal → the field that it is about; any other stands above the form."""
    form_errors: list[str]
    leads_to_shift: bool = False
    """It was refused for want of an open shift, and the person may open one: the page offers it."""

    def show_beside(self, name: str, refusal: OperationRefused) -> None:
        """Put the refusal's sentence, with its values, beside the field of this name."""
        field = self[name]
        field.errors = [*field.errors, refusals.refusal_of(refusal)]

    def show(self, refusal: OperationRefused, **fields: str) -> None:
        """Put the refusal's texts into the form. `fields` renames: operation's name → form's name."""
        self.leads_to_shift = refusal.code == "shift_needed" and navigation.may("run_shifts")
        about = self.beside.get(refusal.code)
        if about is not None and about in self:
            self.show_beside(about, refusal)
            return
        if refusal.code != "invalid_fields":
            self.form_errors = [*self.form_errors, refusals.refusal_of(refusal)]
            return
        for name, code in refusal.values.items():
            field = self[fields.get(name, name)]
            field.errors = [*field.errors, refusals.refusal(str(code))]

    def showing_refusals(self, **fields: str) -> "_ShowingRefusals":
        """Around an operation and what follows on its success: if it is refused, the form says why.

        What comes after the block is then reached, and shows the form again. `fields` as in `show`.
        """
        return _ShowingRefusals(self, fields)


class _ShowingRefusals:
    """See `Form.showing_refusals`."""

    def __init__(self, form: Form, fields: dict[str, str]) -> None:
        self._form = form
        self._fields = fields

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: object, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if not isinstance(error, OperationRefused):
            return False
        self._form.show(error, **self._fields)
        return True


class MoneyField(Field):
    """An amount as people type it; `data` is in tiyn. What was typed is kept, right or wrong."""

    widget = TextInput()
    data: int | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else plain_money(int(self.data))

    def amount_tiyn(self) -> int:
        """The amount of a form that has been validated."""
        return int(self.data or 0)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the amount; an empty or a wrong one is an error of this field."""
        self.data = None
        amount = parse_money(str(valuelist[0])) if valuelist else None
        if amount is None:
            raise ValueError(_("Введите сумму числом, например 1500."))
        self.data = amount


class _Options(Select):
    """A list to choose from, of which a large club has a hundred lines."""

    @classmethod
    def render_option(cls, choice: SelectChoice) -> str:  # type: ignore[override]
        """As WTForms writes a line without attributes of its own, which it takes ten times as long for."""
        selected = "selected " if choice.selected else ""
        label = escape(choice.label or choice.value)
        return f'<option {selected}value="{escape(choice.value)}">{label}</option>'


class SelectField(AnySelectField):
    """A list of which one is chosen; its lines are `choices`."""

    widget = _Options()


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """What a list or a row of buttons offers: (value, label) each."""
    return [SelectChoice(value, label) for value, label in pairs]


def operation_key() -> str:
    """A fresh key for a form that moves money: sent twice, it moves money once."""
    return secrets.token_urlsafe(16)


class OperationKeyField(HiddenField):
    """Carries the key of the operation from the form's first showing to its last sending."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("", default=operation_key, **kwargs)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Take the key; what is none is an error, since without one nothing would keep a resent form from paying."""
        if valuelist and _OPERATION_KEY.fullmatch(str(valuelist[0])):
            self.data = str(valuelist[0])
            return
        self.data = operation_key()
        raise ValueError(refusals.refusal("form_expired"))


def show_form(template: str, form: Form, **values: Any) -> ResponseReturnValue:
    """The form: a dialog on an open page, or a page of its own; 422 if something in it is wrong."""
    return _show("part.html", template, form, values)


def show_row_form(template: str, form: Form, **values: Any) -> ResponseReturnValue:
    """The same in a row of a table (see `static/row_form.js`) instead of a dialog."""
    return _show("row.html", template, form, {**values, "wide": True})


def _show(part: str, template: str, form: Form, values: dict[str, Any]) -> ResponseReturnValue:
    layout = part if current.is_htmx() else "page.html"
    page = render_template(template, form=form, layout=layout, **values)
    return page, 422 if form.errors else 200


def place_asked() -> int:
    """The place in a list that a form asks for; 400 if it asks for none."""
    typed = request.form.get("place", "")
    if not typed.isdecimal() or len(typed) > _MOST_DIGITS_OF_A_PLACE:
        abort(400)
    return int(typed)


def done_anew(message: str, address: str) -> ResponseReturnValue:
    """The form did its work, and the whole page is different now, its menu and scripts too."""
    flash(message)
    if current.is_htmx():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def done(
    message: str, address: str, *, undo: str = "", receipt_of: str = ""
) -> ResponseReturnValue:
    """The form did its work: an open page shows `message` and refreshes; a plain one goes to `address`.

    `undo`: where the page posts to if the person takes it back; the message then carries a button for it, and one
    for the receipt of the operation with the key `receipt_of`, where there is a receipt printer.
    """
    if current.is_htmx():
        receipt = ""
        if receipt_of and current.club_row().printer_address:
            receipt = url_for("receipts.print_operation", key=receipt_of)
        headers = errors.message_header("lovhub:done", message, undo=undo, receipt=receipt)
        return Response(status=204, headers=headers)
    flash(message)
    return redirect(address, 303)
