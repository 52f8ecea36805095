"""Changes of a machine: each can be done, and undone from what its line in the manifest says."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import msgspec

from lovhub.installing.machine import DEFAULT_USER, Before, Machine, Sleep

MDNS_PORT = 5353
REMOTE_DESKTOP = "SeDenyRemoteInteractiveLogonRight"


class Change(msgspec.Struct, tag_field="change"):
    """Something that the installation changes; each kind says with `do` how, and may be done twice.

    `before` is filled in by `look`, ere anything is changed.
    `by_hand`: "" for what an installation cannot do without; else what a person is told to do where it failed.
    """

    by_hand: ClassVar[str] = ""

    def look(self, machine: Machine) -> None:
        """Note what is there now."""

    def undo(self, machine: Machine) -> None:
        """As if it had never been; content if it was not done, or is undone already."""


class Folder(Change, tag="folder"):
    """A folder that only some accounts may enter. It stays at the removal, unless its contents go as well."""

    path: str
    rights: dict[str, str]

    def do(self, machine: Machine) -> None:
        machine.make_folder(Path(self.path))
        machine.allow_only(Path(self.path), self.rights)


class Taken(Change, tag="taken"):
    """A folder in which others could write until now: what is kept there becomes ours, the rest is not believed."""

    path: str
    kept: Sequence[str]
    removed: Sequence[str]

    def do(self, machine: Machine) -> None:
        machine.take_over(Path(self.path), self.kept, self.removed)


class Value(Change, tag="value"):
    """A value of the registry; `account` names the one in whose own part it lies, "" the machine's."""

    key: str
    name: str
    value: str | int
    account: str = ""
    before: Before | None = None

    def look(self, machine: Machine) -> None:
        self.before = machine.read_value(self.account, self.key, self.name)

    def do(self, machine: Machine) -> None:
        machine.set_value(self.account, self.key, self.name, self.value)

    def undo(self, machine: Machine) -> None:
        if self.before is not None and _is_there(machine, self.account):
            machine.put_back(self.account, self.key, self.name, self.before)


class NoRemoteDesktop(Change, tag="no_remote_desktop"):
    """An account that nobody signs in to from another computer; whoever else may is left to the club."""

    by_hand: ClassVar[str] = (
        "запретите учётной записи игрока вход через удалённый рабочий стол (secpol.msc, «Локальные политики»,"
        " «Назначение прав пользователя»)"
    )

    account: str
    before: bool = True

    def look(self, machine: Machine) -> None:
        self.before = machine.is_denied(self.account, REMOTE_DESKTOP)

    def do(self, machine: Machine) -> None:
        machine.set_denied(self.account, REMOTE_DESKTOP, denied=True)

    def undo(self, machine: Machine) -> None:
        if self.before or not _is_there(machine, self.account):
            return
        if machine.is_denied(self.account, REMOTE_DESKTOP):
            machine.set_denied(self.account, REMOTE_DESKTOP, denied=False)


class Service(Change, tag="service"):
    """A service under an account of its own. It is started by a step of its own (`Started`).

    `again_after_seconds`: when it has died. `is_woken`: whoever is signed in at this computer may start it.
    """

    name: str
    title: str
    command: Sequence[str]
    account: str
    again_after_seconds: int = 5
    is_woken: bool = False

    def do(self, machine: Machine) -> None:
        machine.add_service(
            self.name,
            self.title,
            self.command,
            self.account,
            again_after_seconds=self.again_after_seconds,
            is_woken=self.is_woken,
        )

    def undo(self, machine: Machine) -> None:
        machine.remove_service(self.name)


class Started(Change, tag="started"):
    """The service runs."""

    name: str

    def do(self, machine: Machine) -> None:
        machine.start_service(self.name)


class Port(Change, tag="port"):
    """A port that the club's network may reach."""

    rule: str
    port: int

    def do(self, machine: Machine) -> None:
        machine.close_port(self.rule)  # rules of one name would pile up
        machine.open_port(self.rule, self.port, "TCP")

    def undo(self, machine: Machine) -> None:
        machine.close_port(self.rule)


class SearchPort(Change, tag="search_port"):
    """The port of mDNS: servers hear there who looks for them, and PCs who answers."""

    by_hand: ClassVar[str] = (
        "чтобы ПК находили сервер сами, разрешите в брандмауэре входящие UDP на порт 5353"
    )

    rule: str

    def do(self, machine: Machine) -> None:
        machine.close_port(self.rule)
        machine.open_port(self.rule, MDNS_PORT, "UDP")

    def undo(self, machine: Machine) -> None:
        machine.close_port(self.rule)


class Awake(Change, tag="awake"):
    """The machine does not go to sleep by itself while it has mains power."""

    by_hand: ClassVar[str] = (
        "запретите этому компьютеру засыпать (панель управления, электропитание)"
    )

    kind: Sleep
    before: int | None = None

    def look(self, machine: Machine) -> None:
        self.before = machine.sleep_after(self.kind)

    def do(self, machine: Machine) -> None:
        machine.set_sleep_after(self.kind, 0)

    def undo(self, machine: Machine) -> None:
        if self.before:
            machine.set_sleep_after(self.kind, self.before)


class Trusted(Change, tag="trusted"):
    """Browsers of this machine trust the server's certificate."""

    by_hand: ClassVar[str] = (
        "браузер будет предупреждать о сертификате: добавьте cert.pem в доверенные корневые"
    )

    certificate: str
    thumbprint: str = ""

    def do(self, machine: Machine) -> None:
        self.thumbprint = machine.trust(Path(self.certificate))

    def undo(self, machine: Machine) -> None:
        if self.thumbprint:
            machine.distrust(self.thumbprint)


def _is_there(machine: Machine, account: str) -> bool:
    """What was an account's own has gone with it, and is nobody's to put back."""
    return account in ("", DEFAULT_USER) or machine.has_account(account)


AnyChange = (
    Folder
    | Taken
    | Value
    | NoRemoteDesktop
    | Service
    | Started
    | Port
    | SearchPort
    | Awake
    | Trusted
)
