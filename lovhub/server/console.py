"""Speaking to the person at the terminal."""

import argparse
import contextlib
import sys
from gettext import gettext as _
from typing import NoReturn

EXIT_USAGE = 2


class Arguments(argparse.ArgumentParser):
    """A command line that says what is wrong with it in one Russian sentence."""

    def error(self, message: str) -> NoReturn:
        """See ArgumentParser; `message` is English and of use to the technician only."""
        refuse(
            _("Не понятны параметры команды (%(problem)s): подсказку даст %(command)s --help.")
            % {"problem": message, "command": self.prog}
        )
        raise SystemExit(EXIT_USAGE)


def say(line: str) -> None:
    """A line on the console, at once; a console that has gone away, or knows no Cyrillic, stops nothing."""
    _write(sys.stdout, line)


def refuse(sentence: str) -> None:
    """Why it cannot be done, and what to do."""
    _write(sys.stderr, sentence)


def _write(stream: object, line: str) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        # A Windows program without a console has no streams at all.
        encoding = getattr(stream, "encoding", None) or "utf-8"
        shown = line.encode(encoding, "backslashreplace").decode(encoding)
        stream.write(shown + "\n")  # type: ignore[attr-defined]
        stream.flush()  # type: ignore[attr-defined]
