"""The server's JSON API, as far as the virtual club's desk needs it: HTTPS with the certificate pinned."""

import dataclasses
import http.client
import socket
import ssl
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec

from lovhub.agent.settings import Address
from lovhub.agent.trust import context_for, name_in_certificate
from lovhub.simulator.contents import InstalledApplication, TariffOnSale
from lovhub.simulator.owner import Owner
from lovhub.simulator.players import Player

PREFIX = "/api/v1"
TIMEOUT_SECONDS = 15.0


class ApiRefused(Exception):
    """The server did not do it; `code` is its own word for why."""

    def __init__(self, status: int, code: str, detail: str = "") -> None:
        super().__init__(f"{code} ({status}) {detail}".rstrip())
        self.status = status
        self.code = code


class Waiting(NamedTuple):
    """A PC that shows this code and waits for the desk."""

    pairing_id: str
    code: str


class PinnedConnection(http.client.HTTPSConnection):
    """HTTPS to this address, by the name in the one certificate that is trusted there."""

    def __init__(self, address: Address, certificate_pem: str) -> None:
        self._tls: ssl.SSLContext = context_for(certificate_pem)
        self._name = name_in_certificate(certificate_pem)
        super().__init__(address.host, address.port, timeout=TIMEOUT_SECONDS, context=self._tls)

    def connect(self) -> None:
        """Connect by the stored name, whatever the address."""
        plain = socket.create_connection((self.host, self.port), TIMEOUT_SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self._name)


class ClubApi:
    """The desk's view of the API. One connection a request; to be called from any thread."""

    def __init__(self, address: Address, certificate_pem: str) -> None:
        self._address = address
        self._certificate_pem = certificate_pem
        self._token = ""
        self._owner: Owner | None = None

    # --- who asks ---------------------------------------------------------------------------------

    def use_token(self, token: str) -> None:
        """Ask with this staff token from now on."""
        self._token = token

    def sign_in(self, owner: Owner) -> None:
        """Ask as the owner from now on; signs in anew by itself when the staff session is over."""
        self._owner = owner
        said = {"login": owner.login, "password": owner.password}
        self._token = self._ask("POST", "/session", said)["token"]

    # --- what the desk does -----------------------------------------------------------------------

    def pairings(self) -> list[Waiting]:
        """PCs that wait for approval."""
        return [
            Waiting(pairing_id=pairing["pairing_id"], code=pairing["code"])
            for pairing in self.live()["pairings"]
        ]

    def approve(self, pairing_id: str) -> int:
        """Let the PC in; returns its id."""
        return int(self._do("POST", f"/pairings/{pairing_id}/approve")["computer_id"])

    def rename(self, computer_id: int, name: str) -> None:
        """What people call the PC."""
        self._do("PATCH", f"/computers/{computer_id}", {"name": name})

    def zone_ids(self) -> dict[str, int]:
        """The club's zones, by name."""
        return {
            zone["name"]: int(zone["zone_id"])
            for hall in self._do("GET", "/halls")["halls"]
            for zone in hall["zones"]
        }

    def add_hall(self, name: str, zones: Sequence[str]) -> None:
        """A hall with these zones."""
        self._do("POST", "/halls", {"name": name, "zones": list(zones)})

    def place(self, computer_id: int, zone: str) -> None:
        """The PC stands in the zone of this name; nowhere, if there is none."""
        zone_id = self.zone_ids().get(zone)
        self._do("POST", "/computers/place", {"computer_ids": [computer_id], "zone_id": zone_id})

    def live(self) -> dict[str, Any]:
        """The hall as the desk sees it now."""
        return self._do("GET", "/live")

    def add_customer(self, player: Player) -> Player:
        """Register the player; returned with the id."""
        said = {
            "login": player.login,
            "name": player.name,
            "phone": "",
            "password": player.password,
        }
        return msgspec.structs.replace(
            player, customer_id=int(self._do("POST", "/customers", said)["customer_id"])
        )

    def top_up(self, customer_id: int, amount_tiyn: int, key: str) -> None:
        """Take cash. The same `key` again takes nothing more."""
        said = {"amount_tiyn": amount_tiyn, "method": "cash", "key": key}
        self._do("POST", f"/customers/{customer_id}/top-ups", said)

    def tariff_titles(self) -> set[str]:
        """What is on sale."""
        return {tariff["title"] for tariff in self._do("GET", "/tariffs")["tariffs"]}

    def add_tariff(self, tariff: TariffOnSale) -> None:
        """Put it on sale."""
        self._do("POST", "/tariffs", dataclasses.asdict(tariff))

    def application_titles(self) -> set[str]:
        """What may be started."""
        found = self._do("GET", "/applications")["applications"]
        return {application["title"] for application in found}

    def add_application(self, application: InstalledApplication) -> None:
        """Offer it on every PC."""
        self._do("POST", "/applications", dataclasses.asdict(application))

    # --- requests ---------------------------------------------------------------------------------

    def _do(self, method: str, path: str, said: Any = None) -> dict[str, Any]:
        try:
            return self._ask(method, path, said)
        except ApiRefused as refused:
            if refused.status != HTTPStatus.UNAUTHORIZED or self._owner is None:
                raise
        self.sign_in(self._owner)
        return self._ask(method, path, said)

    def _ask(self, method: str, path: str, said: Any = None) -> dict[str, Any]:
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = None
        if said is not None:
            headers["Content-Type"] = "application/json"
            body = msgspec.json.encode(said)
        connection = PinnedConnection(self._address, self._certificate_pem)
        try:
            connection.request(method, PREFIX + path, body, headers)
            response = connection.getresponse()
            answer = _decoded(response.read())
        except http.client.HTTPException as error:
            raise OSError(f"not an HTTP answer: {error!r}") from error
        finally:
            connection.close()
        if response.status >= HTTPStatus.BAD_REQUEST:
            error_body = answer.get("error", {})
            detail = ", ".join(
                f"{field}: {why}" for field, why in error_body.get("fields", {}).items()
            )
            raise ApiRefused(response.status, error_body.get("code", "unknown"), detail)
        return answer


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        answer = msgspec.json.decode(body or b"{}")
    except msgspec.DecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}
