"""Forms of signing in, of one's own account and of people's accounts."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from lovhub.server.errors import OperationRefused
from lovhub.server.languages import LANGUAGES
from lovhub.server.staff.rights import ROLE_NAMES
from lovhub.server.web.forms import Form, choices


class SignInForm(Form):
    """Name and password."""

    login = StringField(_l("Логин"))
    password = PasswordField(_l("Пароль"))


class _FormWithCode(Form):
    def show(self, refusal: OperationRefused, **fields: str) -> None:
        """A wrong code is said beside the code."""
        if refusal.code == "wrong_second_factor":
            self.show_beside("code", refusal)
        else:
            super().show(refusal, **fields)


class CodeForm(_FormWithCode):
    """A code of the second factor."""

    code = StringField(_l("Код из приложения или резервный код"))


class ConfirmationForm(_FormWithCode):
    """The first code of a telephone, with the offer that it confirms."""

    offer = HiddenField()
    code = StringField(_l("Код из приложения"))


class OwnAccountForm(Form):
    """One's own name and language."""

    name = StringField(_l("Имя"))
    language = SelectField(_l("Язык"), choices=choices(LANGUAGES.items()))


class PasswordForm(Form):
    """One's own password."""

    old = PasswordField(_l("Старый пароль"))
    new = PasswordField(_l("Новый пароль"))


class PersonForm(Form):
    """A person's account. `roles`: those that whoever fills it in may give."""

    name = StringField(_l("Имя"))
    login = StringField(_l("Логин"))
    role = SelectField(_l("Роль"))
    language = SelectField(_l("Язык"), choices=choices(LANGUAGES.items()))

    def offer_roles(self, roles: Iterable[str]) -> None:
        """These may be chosen."""
        self.role.choices = choices((role, ROLE_NAMES[role]) for role in roles)


class AccountForm(Form):
    """Under which customer account a person plays."""

    account = StringField(_l("Логин клиента"))

    def show(self, refusal: OperationRefused, **fields: str) -> None:
        """That there is no such customer is said beside the login."""
        if refusal.code == "customer_unknown":
            self.show_beside("account", refusal)
        else:
            super().show(refusal, **fields)


class AddressesForm(Form):
    """From where people may work."""

    addresses = TextAreaField(_l("Адреса"))


class SecondFactorRuleForm(Form):
    """Whose people must have a second factor."""

    roles = SelectMultipleField(
        _l("Обязателен для ролей"),
        choices=choices(ROLE_NAMES.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
