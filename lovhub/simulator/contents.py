"""What the demonstration club sells and offers, and what its PCs have installed."""

from dataclasses import dataclass
from typing import Literal

from lovhub.protocol.views import FoundGame


@dataclass(frozen=True)
class TariffOnSale:
    """So many seconds for so much money."""

    title: str
    seconds: int
    price_tiyn: int


@dataclass(frozen=True)
class InstalledApplication:
    """A program as it is installed on the club's PCs."""

    title: str
    kind: Literal["game", "program"]
    exe_path: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoodOnSale:
    """Something from the shelf behind the desk."""

    title: str
    price_tiyn: int


LIBRARY = (
    FoundGame("Apex Legends", "steam", "steam://rungameid/1172470", ("r5apex.exe",), is_guess=True),
    FoundGame("Counter-Strike 2", "steam", "steam://rungameid/730", ("cs2.exe",), is_guess=True),
    FoundGame("Dota 2", "steam", "steam://rungameid/570", ("dota2.exe",), is_guess=True),
    FoundGame(
        "Fortnite",
        "epic",
        "com.epicgames.launcher://apps/Fortnite?action=launch&silent=true",
        ("FortniteLauncher.exe", "FortniteClient-Win64-Shipping.exe"),
    ),
    FoundGame("Rust", "steam", "steam://rungameid/252490", ("RustClient.exe",), is_guess=True),
    FoundGame("Wallpaper Engine", "steam", "steam://rungameid/431960"),
)

HALL = "Первый этаж"
ZONES = ("Общий зал", "VIP")


def zone_of(number: int) -> str:
    """In which zone the PC of this number stands: three of ten are VIP."""
    return ZONES[1] if number % 10 in {8, 9, 0} else ZONES[0]


TARIFFS = (
    TariffOnSale("30 минут", 1_800, 300_00),
    TariffOnSale("1 час", 3_600, 500_00),
    TariffOnSale("3 часа", 10_800, 1_300_00),
    TariffOnSale("5 часов", 18_000, 2_000_00),
    TariffOnSale("Ночь 8 часов", 28_800, 2_500_00),
)

GOODS = (
    GoodOnSale("Вода 0,5 л", 250_00),
    GoodOnSale("Кола 0,5 л", 500_00),
    GoodOnSale("Энергетик", 700_00),
    GoodOnSale("Чипсы", 600_00),
    GoodOnSale("Шоколадный батончик", 400_00),
)

_STEAM = r"C:\Program Files (x86)\Steam\steam.exe"

APPLICATIONS = (
    InstalledApplication("Counter-Strike 2", "game", _STEAM, ("-applaunch", "730")),
    InstalledApplication("Dota 2", "game", _STEAM, ("-applaunch", "570")),
    InstalledApplication("PUBG: Battlegrounds", "game", _STEAM, ("-applaunch", "578080")),
    InstalledApplication(
        "Valorant",
        "game",
        r"C:\Riot Games\Riot Client\RiotClientServices.exe",
        ("--launch-product=valorant", "--launch-patchline=live"),
    ),
    InstalledApplication(
        "Google Chrome", "program", r"C:\Program Files\Google\Chrome\Application\chrome.exe"
    ),
    InstalledApplication("Discord", "program", r"C:\Program Files\Discord\Discord.exe"),
)
