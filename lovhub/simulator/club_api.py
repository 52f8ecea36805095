"""The server's JSON API, as far as the virtual club's desk needs it: HTTPS with the certificate pinned."""

import dataclasses
import http.client
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec

from lovhub.agent.settings import Address
from lovhub.pinned_tls import PinnedConnection
from lovhub.simulator.contents import GoodOnSale, InstalledApplication, TariffOnSale
from lovhub.simulator.people import Person
from lovhub.simulator.players import BIRTH_DATE, Player

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


class OpenCall(NamedTuple):
    """A player wants somebody; `taken` once somebody goes there."""

    call_id: int
    seconds_ago: int
    taken: bool


class ClubApi:
    """The desk's view of the API. One connection a request; to be called from any thread."""

    def __init__(self, address: Address, certificate_pem: str) -> None:
        self._address = address
        self._certificate_pem = certificate_pem
        self._token = ""
        self._person: Person | None = None

    # --- who asks ---------------------------------------------------------------------------------

    def use_token(self, token: str) -> None:
        """Ask with this staff token from now on."""
        self._token = token

    def sign_in(self, person: Person) -> None:
        """Ask as this person from now on; signs in anew by itself when the staff session is over."""
        self._person = person
        said = {"login": person.login, "password": person.password}
        self._token = self._ask("POST", "/session", said)["token"]

    def signed_in(self, person: Person) -> "ClubApi":
        """The same club as this person sees it."""
        other = ClubApi(self._address, self._certificate_pem)
        other.sign_in(person)
        return other

    # --- who works here ---------------------------------------------------------------------------

    def staff_ids(self) -> dict[str, int]:
        """Everybody who has an account, by login."""
        return {
            person["login"]: int(person["id"]) for person in self._do("GET", "/people")["people"]
        }

    def hire(self, person: Person) -> str:
        """Make an account; returns the password for the first sign-in."""
        said = {"login": person.login, "name": person.name, "role": person.role, "language": "ru"}
        return str(self._do("POST", "/people", said)["one_time_password"])

    def new_one_time_password(self, staff_id: int) -> str:
        """For somebody who does not know theirs."""
        path = f"/people/{staff_id}/one-time-password"
        return str(self._do("POST", path)["one_time_password"])

    def change_password(self, old: str, person: Person) -> None:
        """To the one that the person has from now on; the sign-in goes on."""
        said = {"old": old, "new": person.password}
        self._token = str(self._do("PUT", "/me/password", said)["token"])
        self._person = person

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
            "phone": player.phone,
            "birth_date": BIRTH_DATE,
            "password": player.password,
        }
        return msgspec.structs.replace(
            player, customer_id=int(self._do("POST", "/customers", said)["customer_id"])
        )

    def confirm_age(self, player: Player) -> Player:
        """The desk has seen the player's document."""
        said = {"birth_date": BIRTH_DATE, "document": "id_card"}
        self._do("PUT", f"/customers/{player.customer_id}/age", said)
        return msgspec.structs.replace(player, age_confirmed=True)

    def top_up(self, customer_id: int, amount_tiyn: int, method: str, key: str) -> None:
        """Take money. The same `key` again takes nothing more."""
        said = {"amount_tiyn": amount_tiyn, "method": method, "key": key}
        if method == "kaspi":
            said["kaspi_number"] = key[-40:].upper()
        self._do("POST", f"/customers/{customer_id}/top-ups", said)

    def shift_is_open(self) -> bool:
        """Whether somebody answers for the drawer."""
        return self._do("GET", "/shifts")["open"] is not None

    def open_shift(self, counted_tiyn: int) -> None:
        """Answer for the drawer, with so much in it."""
        self._do("POST", "/shifts", {"counted_tiyn": counted_tiyn})

    def open_calls(self) -> list[OpenCall]:
        """Players who want somebody."""
        return [
            OpenCall(call["call_id"], call["seconds_ago"], bool(call["taken_by"]))
            for call in self._do("GET", "/attention")["calls"]
        ]

    def take_call(self, call_id: int) -> None:
        """Go there."""
        self._do("POST", f"/calls/{call_id}/take")

    def close_call(self, call_id: int) -> None:
        """The player has been helped."""
        self._do("POST", f"/calls/{call_id}/close")

    def seat_guest(self, computer_id: int, name: str, tariff_title: str, key: str) -> None:
        """Take a walk-in's cash and seat them."""
        on_sale = self._do("GET", "/tariffs")["tariffs"]
        said = {
            "tariff_id": next(sold["id"] for sold in on_sale if sold["title"] == tariff_title),
            "method": "cash",
            "guest_name": name,
            "night_leave": "adult",
            "key": key,
        }
        self._do("POST", f"/computers/{computer_id}/guests", said)

    def send_message(self, computer_id: int, text: str) -> None:
        """Show it to the player."""
        self._do("POST", f"/computers/{computer_id}/messages", {"text": text})

    def make_backup(self) -> None:
        """Begin one; the server makes it in the background."""
        self._do("POST", "/backups")

    def mark_broken(self, computer_id: int, reason: str) -> None:
        """Seat nobody there."""
        self._do("POST", "/computers/broken", {"computer_ids": [computer_id], "reason": reason})

    def keep(self, computer_id: int, for_whom: str, seconds: int) -> None:
        """Seat nobody else there for so long."""
        said = {"computer_ids": [computer_id], "for_whom": for_whom, "seconds": seconds}
        self._do("POST", "/computers/keep", said)

    def tariff_titles(self) -> set[str]:
        """What is on sale."""
        return {tariff["title"] for tariff in self._do("GET", "/tariffs")["tariffs"]}

    def add_tariff(self, tariff: TariffOnSale) -> None:
        """Put it on sale."""
        self._do("POST", "/tariffs", dataclasses.asdict(tariff))

    def goods(self) -> dict[str, tuple[int, int]]:
        """What is on the shelf: title → id and price."""
        found = self._do("GET", "/goods")["goods"]
        return {good["title"]: (int(good["id"]), int(good["price_tiyn"])) for good in found}

    def add_good(self, good: GoodOnSale) -> None:
        """Put it on the shelf."""
        self._do("POST", "/goods", dataclasses.asdict(good))

    def sell_goods(self, titles: Sequence[str], key: str) -> None:
        """One of each, for cash."""
        sold = [self.goods()[title] for title in titles]
        said = {
            "lines": [{"good_id": good_id, "quantity": 1} for good_id, _price in sold],
            "method": "cash",
            "total_tiyn": sum(price_tiyn for _id, price_tiyn in sold),
            "key": key,
        }
        self._do("POST", "/goods/sales", said)

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
            if refused.status != HTTPStatus.UNAUTHORIZED or self._person is None:
                raise
        self.sign_in(self._person)
        return self._ask(method, path, said)

    def _ask(self, method: str, path: str, said: Any = None) -> dict[str, Any]:
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = None
        if said is not None:
            headers["Content-Type"] = "application/json"
            body = msgspec.json.encode(said)
        connection = PinnedConnection(
            self._address.host,
            self._address.port,
            self._certificate_pem,
            timeout_seconds=TIMEOUT_SECONDS,
        )
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
