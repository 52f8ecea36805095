"""Passwords that whoever guesses tries first. Values in, values out."""

import re

_KNOWN = frozenset(
    [
        "1029384756",
        "11223344",
        "123123123",
        "12341234",
        "12345678",
        "123456789",
        "1234567890",
        "1234qwer",
        "147258369",
        "159753456",
        "1q2w3e4r",
        "1q2w3e4r5t",
        "1qaz2wsx",
        "741852963",
        "7777777a",
        "789456123",
        "87654321",
        "a1b2c3d4",
        "abc12345",
        "abcd1234",
        "admin123",
        "admin1234",
        "adminadmin",
        "administrator",
        "almaty2024",
        "asd12345",
        "asdfghjk",
        "asdfghjkl",
        "astana2024",
        "barcelona",
        "baseball",
        "batman123",
        "cashier1",
        "cashier123",
        "changeme",
        "charlie1",
        "chelsea1",
        "computer",
        "counterstrike",
        "cyberclub",
        "default1",
        "director",
        "dota2dota2",
        "dragon123",
        "football",
        "football1",
        "freedom1",
        "gameclub",
        "guest123",
        "hello123",
        "iloveyou",
        "internet",
        "jennifer",
        "jordan23",
        "kaspi123",
        "kaspikaspi",
        "kazakhstan",
        "letmein1",
        "liverpool",
        "lovhub123",
        "lovhublovhub",
        "manager1",
        "manager123",
        "master123",
        "michelle",
        "monkey123",
        "p@ssw0rd",
        "p@ssword",
        "passw0rd",
        "password",
        "password1",
        "princess",
        "q1w2e3r4",
        "qazaqstan",
        "qazwsxedc",
        "qwe12345",
        "qweasd123",
        "qweasdzxc",
        "qwer1234",
        "qwerty12",
        "qwerty123",
        "qwerty1234",
        "qwertyqwerty",
        "qwertyui",
        "qwertyuiop",
        "realmadrid",
        "samsung1",
        "samsung123",
        "secret123",
        "starwars",
        "steam123",
        "sunshine",
        "superman",
        "test1234",
        "testtest",
        "trustno1",
        "welcome1",
        "whatever",
        "zaq12wsx",
        "zxc12345",
        "zxcvbnm1",
        "администратор",
        "йцукен12",
        "йцукен123",
        "йцукенгш",
        "йцукенгшщз",
        "казахстан",
        "кассир123",
        "любовь123",
        "пароль123",
        "парольпароль",
        "солнышко",
        "фывапрол",
        "фывапролд",
        "ячсмитьб",
    ]
)
"""In small letters: keyboard rows of both layouts, names, and what a club would think of."""

_SHORT = frozenset(
    [
        "admin", "almaty", "astana", "csgo", "cs16", "dota", "dota2", "game", "gamer", "guest", "love", "lovhub",
        "naruto", "player", "pubg", "root", "steam", "test", "user", "valorant",
        "1q2w", "1q2w3e", "1qaz", "q1w2", "q1w2e3", "qaz1", "qazwsx", "zaq1", "123qwe", "qwe123", "asd123", "abc123",
        "1004", "1342", "2580", "0852", "1379", "7412", "147852", "159753", "159357", "123321", "321321", "123654",
        "алматы", "астана", "игра", "игрок", "любовь", "пароль1", "привет", "цой123", "фыв123",
    ]
)  # fmt: skip
"""What a player would take at a counter with a queue behind them; customers may have four characters."""

_YEAR = re.compile(r"(19[5-9]|20[0-3])\d")

_ROWS = (
    "01234567890",
    "09876543210",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "abcdefghijkl",
)


def is_common(password: str) -> bool:
    """Whether it is one of them, one sign again and again, or a walk along the keyboard."""
    small = password.strip().casefold()
    if _YEAR.fullmatch(small) or small in _SHORT:
        return True
    without_years = small.rstrip("0123456789!.")
    return (
        small in _KNOWN
        or len(set(small)) <= 2
        or any(small in row for row in _ROWS)
        or (len(without_years) >= 6 and any(without_years in row for row in _ROWS))
        or without_years
        in {
            "password",
            "пароль",
            "admin",
            "qwerty",
            "йцукен",
            "owner",
            "lovhub",
            "cashier",
            "кассир",
        }
    )
