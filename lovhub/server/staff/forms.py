"""Forms of signing in, of one's own account and of people's accounts."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    PasswordField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from lovhub.server.languages import LANGUAGES
from lovhub.server.staff.rights import ROLE_NAMES
from lovhub.server.web.forms import Form, SelectField, choices


class SignInForm(Form):
    """Name and password."""

    login = StringField(_l("Логин"))
    password = PasswordField(_l("Пароль"))


_WRONG_CODE = {"wrong_second_factor": "code"}


class BeginAnewForm(Form):
    """The password once more; `code`: of whoever has a second factor."""

    beside: ClassVar[Mapping[str, str]] = {
        "wrong_own_password": "password",
        "wrong_second_factor": "code",
        "second_factor_needed": "code",
    }

    password = PasswordField(_l("Пароль"))
    code = StringField(_l("Код из приложения или резервный код"))


class CodeForm(Form):
    """A code of the second factor."""

    beside = _WRONG_CODE

    code = StringField(_l("Код из приложения или резервный код"))


class ConfirmationForm(Form):
    """The first code of a telephone, with the offer that it confirms."""

    beside = _WRONG_CODE

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

    beside: ClassVar[Mapping[str, str]] = {"customer_unknown": "account"}

    account = StringField(_l("Логин клиента"))


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
