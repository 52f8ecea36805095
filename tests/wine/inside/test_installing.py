"""What an installation asks of Windows beside the registry. Wine keeps no account's rights: it is only seen asked."""

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

    def _remove(self, _policy: object, sid: Any, all_of_them: bool, rights: Sequence[str]) -> None:
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


def test_an_account_without_rights_of_its_own_is_denied_nothing_and_an_unknown_one_is_an_error() -> (
    None
):
    machine = WindowsMachine()
    assert not machine.is_denied(user_name(), REMOTE_DESKTOP)
    with pytest.raises(OSError, match=r"."):
        machine.is_denied("no such account", REMOTE_DESKTOP)
