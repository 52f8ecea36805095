"""What an installation asks of Windows beside the registry. Wine keeps no account's rights: what it is asked is looked at."""

from collections.abc import Sequence
from typing import Any

import pytest
import pywintypes
import win32security
import winerror

from lovhub.agent.platform import user_name
from lovhub.installing.changes import REMOTE_DESKTOP, NoRemoteDesktop
from lovhub.installing.windows import WindowsMachine


class Rights:
    """Accounts and their rights, as Windows tells of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held: dict[str, set[str]] = {}
        for name, stand_in in (
            ("Enumerate", self._told),
            ("Add", self._add),
            ("Remove", self._remove),
        ):
            monkeypatch.setattr(win32security, f"Lsa{name}AccountRights", stand_in)

    def _told(self, _policy: object, sid: Any) -> list[str]:
        try:
            return sorted(self.held[str(sid)])
        except KeyError:
            raise pywintypes.error(winerror.ERROR_FILE_NOT_FOUND, "Lsa", "none") from None

    def _add(self, _policy: object, sid: Any, rights: Sequence[str]) -> None:
        self.held.setdefault(str(sid), set()).update(rights)

    def _remove(self, _policy: object, sid: Any, all_of_them: bool, rights: Sequence[str]) -> None:  # noqa: FBT001 - as Windows has it
        assert not all_of_them
        self.held[str(sid)].difference_update(rights)


def test_an_account_is_kept_from_remote_desktop_and_has_its_other_rights_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine, rights = WindowsMachine(), Rights(monkeypatch)
    change = NoRemoteDesktop(user_name())
    change.look(machine)
    assert not change.before
    change.do(machine)
    [(sid, held)] = rights.held.items()
    assert "S-1-5-21-" in sid
    assert held == {REMOTE_DESKTOP}
    held.add("SeBatchLogonRight")
    for _twice in range(2):
        change.undo(machine)
    assert held == {"SeBatchLogonRight"}


def test_an_account_that_windows_does_not_know_is_an_error() -> None:
    with pytest.raises(OSError, match=r"."):
        WindowsMachine().is_denied("no such account", REMOTE_DESKTOP)


def test_what_wine_itself_says_is_an_answer_or_an_error_of_the_system() -> None:
    """So that an installation goes on without it."""
    machine = WindowsMachine()
    assert not machine.is_denied(user_name(), REMOTE_DESKTOP)
    try:
        machine.set_denied(user_name(), REMOTE_DESKTOP, denied=True)
    except OSError as error:
        print(error)
