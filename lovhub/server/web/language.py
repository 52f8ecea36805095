"""In which language the desk is spoken to: the person's own; before one is known, the club's."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, g, has_app_context, has_request_context
from flask_babel import Babel, Domain, get_domain, get_locale, gettext, refresh
from flask_babel.speaklater import LazyString
from flask_login import current_user
from markupsafe import Markup

from lovhub.server.club.models import Club
from lovhub.server.languages import FIRST, LANGUAGES
from lovhub.server.web import current


class _Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """Ours, each read once in the server's life."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[Locale, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        """See Domain, which would look up the language, and its name, for every single text."""
        if not has_app_context():
            return super().get_translations()
        known = current.known()
        found: NullTranslations | None = known.get("translations")
        if found is None:
            locale = get_locale()
            found = self._found.get(locale) or super().get_translations()
            self._found[locale] = known["translations"] = found
        return found


class _Languages(Babel):  # type: ignore[misc]
    @cached_property
    def domain_instance(self) -> _Catalogues:
        """See Babel, which would make another for every request, and read the catalogue from disk again."""
        return _Catalogues()


class _Sentences(dict[str, Markup]):
    """What templates say in one language; each text is looked up once in the server's life."""

    def __init__(self, translations: NullTranslations) -> None:
        super().__init__()
        self._translations = translations

    def __missing__(self, message: str) -> Markup:
        found = Markup(self._translations.ugettext(message))  # noqa: S704  # catalogues are ours
        self[message] = found % {}
        return self[message]


class _Patterns(dict[str, str]):
    """The same for texts that values are put into, escaped."""

    def __init__(self, translations: NullTranslations) -> None:
        super().__init__()
        self._translations = translations

    def __missing__(self, message: str) -> str:
        self[message] = str(self._translations.ugettext(message))
        return self[message]


@dataclass(frozen=True)
class Speech:
    """The texts of one language: whole ones, and patterns that values are put into."""

    whole: dict[str, Markup]
    patterns: dict[str, str]


@lru_cache(32)
def _speech(translations: NullTranslations) -> Speech:
    return Speech(_Sentences(translations), _Patterns(translations))


def install(app: Flask) -> None:
    """Speak to everybody in their language."""
    _Languages(app, locale_selector=select)


def speech() -> Speech:
    """That of this request's language."""
    known = current.known()
    found: Speech | None = known.get("speech")
    if found is None:
        found = known["speech"] = _speech(get_domain().get_translations())
    return found


def text(message: str, **values: object) -> Markup:
    """The text in this request's language, its values escaped."""
    told = speech()
    if not values:
        return told.whole[message]
    return Markup(told.patterns[message]) % values  # noqa: S704  # catalogues are ours


def plain(message: str, **values: object) -> str:
    """The same with nothing escaped, as a plain text: for what is put into words in every row of a list.

    Elsewhere flask-babel's `gettext` does it, which looks for the request and the language each time.
    """
    try:
        pattern = speech().patterns[message]
    except current.NoRequest:
        pattern = message
    return pattern % values if values else pattern


def said(lazy: LazyString) -> str:
    """What it says now; it would look for the request, the language and the catalogue each time."""
    if lazy._func is gettext and not lazy._kwargs:  # noqa: SLF001  # it has no other names
        return speech().patterns[lazy._args[0]]  # noqa: SLF001
    return str(lazy)


def select() -> str:
    """The language of this request, for Flask-Babel."""
    if not has_request_context():
        return FIRST
    chosen = g.get("language") or _person_or_club()
    return chosen if chosen in LANGUAGES else FIRST


def _person_or_club() -> str:
    if current_user.is_authenticated:
        return str(current_user.staff.language)
    if "club_language" not in g:
        # There may be no club yet: then there is nobody to ask but the page itself.
        with current.club().read() as db:
            club = db.get(Club, current.club().club_id)
        g.club_language = FIRST if club is None else club.language
    return str(g.club_language)


def speak(language: str) -> None:
    """For the rest of this request, speak this language: the person has chosen it."""
    g.language = language
    g.pop("translations", None)
    g.pop("speech", None)
    g.pop("customs", None)
    refresh()


def spoken() -> str:
    """The code of this request's language."""
    locale = get_locale()
    return FIRST if locale is None else str(locale.language)
