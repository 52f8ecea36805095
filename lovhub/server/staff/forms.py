"""Forms of signing in."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField

from lovhub.server.web.forms import Form


class SignInForm(Form):
    """Name and password."""

    login = StringField(_l("Логин"))
    password = PasswordField(_l("Пароль"))
