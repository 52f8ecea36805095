"""Forms about backups."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, StringField

from lovhub.server.errors import OperationRefused
from lovhub.server.web.forms import Form


class RestoreForm(Form):
    """Put a backup in the club's place."""

    phrase = PasswordField(_l("Пароль копии"))
    without_keys = BooleanField(_l("Без ключей клуба: игровые ПК придётся подключить заново"))
    confirmed = StringField(_l("Название клуба"))


class FetchForm(Form):
    """Bring a backup home from the store. `key` is what the store calls it."""

    key = HiddenField()
    phrase = PasswordField(_l("Пароль копии"))


class SetUpRestoreForm(Form):
    """Begin with a club that there has already been."""

    name = RadioField(_l("Копия"), validate_choice=False)
    phrase = PasswordField(_l("Пароль копии"))
    without_keys = BooleanField(_l("Без ключей клуба: игровые ПК придётся подключить заново"))


class PassphraseForm(Form):
    """The passphrase that seals the backups, twice."""

    phrase = PasswordField(_l("Пароль для копий"))
    again = PasswordField(_l("Ещё раз"))

    def checked(self) -> str:
        """The passphrase; OperationRefused("invalid_fields") if the two differ."""
        if self.phrase.data != self.again.data:
            raise OperationRefused("invalid_fields", again="passphrases_differ")
        return str(self.phrase.data or "")
