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


_OF_OPTION = {
    "Endpoint": ("endpoint", "store_endpoint_wrong"),
    "Bucket": ("bucket", "store_bucket_wrong"),
    "Folder": ("folder", "store_folder_wrong"),
    "Region": ("region", "store_region_wrong"),
    "AccessKey": ("access_key", "store_access_key_wrong"),
    "SecretKey": ("secret_key", "store_secret_key_wrong"),
}
"""Option of `[S3]` → field, and what is said beside it."""


class SetUpStoreForm(Form):
    """Where the club's backups lie, as `[S3]` of the lost computer's `config.ini` said it."""

    endpoint = StringField(_l("Адрес (Endpoint)"))
    bucket = StringField(_l("Бакет (Bucket)"))
    folder = StringField(_l("Папка (Folder)"))
    region = StringField(_l("Регион (Region)"))
    access_key = StringField(_l("Ключ доступа (AccessKey)"))
    secret_key = PasswordField(_l("Секретный ключ (SecretKey)"))

    def section(self) -> dict[str, str]:
        """What was typed, as the section would have it."""
        return {
            "endpoint": (self.endpoint.data or "").strip(),
            "bucket": (self.bucket.data or "").strip(),
            "folder": (self.folder.data or "").strip(),
            "region": (self.region.data or "").strip(),
            "accesskey": (self.access_key.data or "").strip(),
            "secretkey": (self.secret_key.data or "").strip(),
        }

    def mark(self, option: str) -> None:
        """Say beside its field that this option of the section cannot be used."""
        field, code = _OF_OPTION[option]
        self.show_beside(field, OperationRefused(code))


class SetUpFetchForm(Form):
    """Bring home one of the backups that lie in the store."""

    key = RadioField(_l("Копия"), validate_choice=False)
    phrase = PasswordField(_l("Пароль копии"))


class PassphraseForm(Form):
    """The passphrase that seals the backups, twice."""

    phrase = PasswordField(_l("Пароль для копий"))
    again = PasswordField(_l("Ещё раз"))

    def checked(self) -> str:
        """The passphrase; OperationRefused("invalid_fields") if the two differ."""
        if self.phrase.data != self.again.data:
            raise OperationRefused("invalid_fields", again="passphrases_differ")
        return str(self.phrase.data or "")
