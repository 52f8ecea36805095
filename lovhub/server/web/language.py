"""In which language the desk is spoken to: the person's own; before one is known, the club's."""

from functools import cached_property

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, g, has_request_context
from flask_babel import Babel, Domain, get_locale, refresh
from flask_login import current_user

from lovhub.server.club.models import Club
from lovhub.server.languages import FIRST, LANGUAGES
from lovhub.server.web import current


class _Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """Ours, each read once in the server's life."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[Locale, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        """See Domain, which would look up the language's name for every single text."""
        locale = get_locale()
        found = self._found.get(locale)
        if found is None:
            found = super().get_translations()
            if locale is not None:
                self._found[locale] = found
        return found


class _Languages(Babel):  # type: ignore[misc]
    @cached_property
    def domain_instance(self) -> _Catalogues:
        """See Babel, which would make another for every request, and read the catalogue from disk again."""
        return _Catalogues()


def install(app: Flask) -> None:
    """Speak to everybody in their language."""
    spoken_now = _Languages(app, locale_selector=select).domain_instance.get_translations
    # As Babel does it, but for looking up for every text of a page where the catalogues are.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # its extension has it
        gettext=lambda text: spoken_now().ugettext(text),
        ngettext=lambda one, many, n: spoken_now().ungettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: spoken_now().upgettext(context, text),
        npgettext=lambda context, one, many, n: spoken_now().unpgettext(context, one, many, n),
    )


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
    """For the rest of this request, speak this language: the person has just chosen it."""
    g.language = language
    refresh()


def spoken() -> str:
    """The code of this request's language."""
    locale = get_locale()
    return FIRST if locale is None else str(locale.language)
