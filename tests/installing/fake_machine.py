"""A machine that remembers what was done to it."""

import copy
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

from lovhub.installing import folders
from lovhub.installing.machine import DEFAULT_USER, Before, Sleep, Transport


class FakeMachine:
    """As `machine.Machine` has it. `fails`: an operation that Windows refuses."""

    def __init__(self, *, fails: str = "") -> None:
        self.fails = fails
        self.accounts = {"player"}
        self.values: dict[tuple[str, str, str], str | int] = {}
        self.keys: set[tuple[str, str]] = set()
        self.rights: dict[Path, dict[str, str]] = {}
        self.denied: set[tuple[str, str]] = set()
        self.services: dict[str, tuple[Sequence[str], str]] = {}
        self.running: set[str] = set()
        self.woken: set[str] = set()
        self.ports: dict[str, tuple[int, Transport]] = {}
        self.sleep: dict[str, int] = {"standby": 1800, "hibernate": 0}
        self.trusted: set[str] = set()
        self.ended: list[Path] = []

    def state(self) -> object:
        """All that an installation must give back."""
        return copy.deepcopy(
            (
                self.values,
                self.keys,
                self.denied,
                self.services,
                self.running,
                self.ports,
                self.sleep,
                self.trusted,
            )
        )

    def _may(self, operation: str) -> None:
        if operation == self.fails:
            raise OSError(f"{operation} is refused")

    def has_account(self, account: str) -> bool:
        return account in self.accounts

    def delete_account(self, account: str) -> None:
        """With its part of the registry."""
        self.accounts.discard(account)
        self.values = {place: value for place, value in self.values.items() if place[0] != account}
        self.keys = {(owner, key) for owner, key in self.keys if owner != account}
        self.denied = {(owner, right) for owner, right in self.denied if owner != account}

    def _must_have(self, account: str) -> None:
        if account not in {"", DEFAULT_USER} | self.accounts:
            raise OSError(f"there is no {account}")

    def make_folder(self, path: Path) -> None:
        self._may("make_folder")
        path.mkdir(parents=True, exist_ok=True)

    def remove_folder(self, path: Path) -> None:
        shutil.rmtree(path)

    def allow_only(self, path: Path, rights: dict[str, str]) -> None:
        self._may("allow_only")
        self.rights[path] = rights

    def take_over(self, path: Path, kept: Collection[str], removed: Collection[str]) -> None:
        assert path in self.rights, "others could still write there"
        folders.take_over(path, kept, removed)

    def read_value(self, account: str, key: str, name: str) -> Before:
        return Before((account, key) in self.keys, self.values.get((account, key, name)))

    def set_value(self, account: str, key: str, name: str, value: str | int) -> None:
        self._may("set_value")
        self._must_have(account)
        self.keys.add((account, key))
        self.values[account, key, name] = value

    def put_back(self, account: str, key: str, name: str, before: Before) -> None:
        self._may("put_back")
        self._must_have(account)
        self.values.pop((account, key, name), None)
        if before.value is not None:
            self.values[account, key, name] = before.value
        if not before.has_key:
            self.keys.discard((account, key))

    def is_denied(self, account: str, right: str) -> bool:
        return (account, right) in self.denied

    def set_denied(self, account: str, right: str, *, denied: bool) -> None:
        self._may("set_denied")
        self._must_have(account)
        (self.denied.add if denied else self.denied.discard)((account, right))

    def add_service(
        self,
        name: str,
        title: str,
        command: Sequence[str],
        account: str,
        *,
        again_after_seconds: int,
        is_woken: bool,
    ) -> None:
        self._may("add_service")
        if is_woken:
            self.woken.add(name)
        assert again_after_seconds > 0
        self.services[name] = (command, account)

    def start_service(self, name: str) -> None:
        self._may("start_service")
        assert name in self.services
        self.running.add(name)

    def stop_service(self, name: str) -> None:
        self.running.discard(name)

    def remove_service(self, name: str) -> None:
        self.stop_service(name)
        self.woken.discard(name)
        self.services.pop(name, None)

    def open_port(self, rule: str, port: int, protocol: Transport) -> None:
        self._may("open_port")
        assert rule not in self.ports
        self.ports[rule] = (port, protocol)

    def close_port(self, rule: str) -> None:
        self.ports.pop(rule, None)

    def sleep_after(self, kind: Sleep) -> int:
        return self.sleep[kind]

    def set_sleep_after(self, kind: Sleep, seconds: int) -> None:
        self._may("set_sleep_after")
        self.sleep[kind] = seconds

    def trust(self, certificate: Path) -> str:
        self._may("trust")
        assert certificate.exists()
        self.trusted.add(certificate.name)
        return certificate.name

    def distrust(self, thumbprint: str) -> None:
        self.trusted.discard(thumbprint)

    def end_programs(self, folder: Path) -> None:
        self.ended.append(folder)
