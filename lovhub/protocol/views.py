"""Small pictures of server data that travel in several messages: what a PC may know and show."""

from typing import Literal

import msgspec


class CodeView(msgspec.Struct, frozen=True):
    """A QR code to be drawn: `size` modules a side, row by row, eight to a byte, the first in the highest bit."""

    size: int
    modules: bytes


class PaymentView(msgspec.Struct, frozen=True):
    """A top-up that was asked for at a PC.

    `state`: `asking`, `waiting`, `unknown` (no answer), `expired`, `failed`, `review`, and what may come.
    `code` is there while it may be paid by one. `expires_at`: the server's instant of its end.
    """

    payment_id: int
    amount_tiyn: int
    state: str
    expires_at: int
    code: CodeView | None = None


class PaidView(msgspec.Struct, frozen=True):
    """Money that has just come onto the balance; `late`: after the question for it was over."""

    payment_id: int
    amount_tiyn: int
    late: bool = False


class PayView(msgspec.Struct, frozen=True):
    """How the customer may pay at the PC. `way`: `code`, `phone` (an invoice there) or `number`, and what may come.

    `number`: the customer's own for paying in Kaspi, under the service `service`; both "" for other ways.
    `asked`: what was asked for last; `paid`: what came last, both for some minutes only.
    """

    way: str
    smallest_tiyn: int = 0
    largest_tiyn: int = 0
    amounts_tiyn: tuple[int, ...] = ()
    number: str = ""
    service: str = ""
    asked: PaymentView | None = None
    paid: PaidView | None = None


class GiftView(msgspec.Struct, frozen=True):
    """What a promo code has just given: a bonus, or time."""

    promo_id: int
    title: str
    bonus_tiyn: int = 0
    seconds: int = 0


class PromoView(msgspec.Struct, frozen=True):
    """Promo codes are taken at this PC. `gift`: what the customer's last one gave, for some minutes only."""

    gift: GiftView | None = None


class HabitsView(msgspec.Struct, frozen=True):
    """What a customer likes at every PC.

    `recent_ids`: the applications they started last, the newest first; `favourite_ids`: those with their star.
    `volume`, `layout` (`RU`, `KK`, `EN`) and `language` (`ru`, `kk`, `en`): as they chose last; None and "": never.
    """

    recent_ids: tuple[int, ...] = ()
    favourite_ids: tuple[int, ...] = ()
    volume: int | None = None
    layout: str = ""
    language: str = ""


class WaitingView(msgspec.Struct, frozen=True):
    """Bought time that may be played in its own days and hours only, and not now.

    It may be from `opens_at` on the club's clock («10:00») on `opens_on` («30.11»; "" is today).
    """

    seconds: int
    opens_at: str
    opens_on: str = ""


class CustomerView(msgspec.Struct, frozen=True):
    """The customer signed in at a PC. `seconds_available` is bought time that no session holds.

    `pay`: how they may pay here; None where the club offers nothing. `promo`: None where the club has no codes.
    `debt_tiyn`: what they owe for what was played; `debt_limit_tiyn`: up to what they may owe for the session under
    way, 0 where only the balance pays. `habits`: None where the server keeps none. `waiting`: what of the bought time
    may not be played yet; None where nothing waits.
    """

    customer_id: int
    name: str
    balance_tiyn: int
    seconds_available: int
    pay: PayView | None = None
    bonus_tiyn: int = 0
    bonus_share_percent: int = 100
    promo: PromoView | None = None
    debt_tiyn: int = 0
    debt_limit_tiyn: int = 0
    habits: HabitsView | None = None
    waiting: WaitingView | None = None


class HoursView(msgspec.Struct, frozen=True):
    """Days and hours in which alone bought time may be played. `weekdays`: 0 is Monday.

    `opens`, `closes`: on the club's clock («10:00»), "" all day; a window belongs to the day on which it opens.
    `holidays`: `as_weekday`, `also` (played on holidays, too), `not`, or `only`.
    """

    weekdays: tuple[int, ...]
    opens: str = ""
    closes: str = ""
    holidays: str = "as_weekday"


class TariffView(msgspec.Struct, frozen=True):
    """A tariff that may be bought now: so many seconds for so much money.

    `kind`: in what the time is sold (`package`, `fixed_end`, `bundle`, and what may come). Of `per_minute` nothing
    is bought: it starts, and the balance pays `price_tiyn` an hour as it is played, at least `minimum_tiyn` in all.
    `until`: the club's clock at which a fixed end stops («08:00»). `valid_days`: within how many days a bundle must
    be played. `hours`: in which alone it may be played; None: at any time.
    """

    tariff_id: int
    title: str
    seconds: int
    price_tiyn: int
    kind: str = "package"
    until: str = ""
    valid_days: int | None = None
    minimum_tiyn: int = 0
    full_price_tiyn: int = 0
    hours: HoursView | None = None


class ApplicationView(msgspec.Struct, frozen=True):
    """A program that may be started. `arguments` is one command line's worth, already split.

    `exe_path` is a program, or an address that a launcher answers to (`steam://…`); `other_paths` are tried after it.
    `watch`: the processes that are the game; empty where it is what was started.
    """

    application_id: int
    title: str
    kind: Literal["game", "program"]
    exe_path: str
    arguments: tuple[str, ...] = ()
    other_paths: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()


class TimeView(msgspec.Struct, frozen=True):
    """A piece of time that was bought: what it is called, its kind, and how much of it may still be played.

    `when_leaving`: what becomes of it if the player leaves now. `hour_tiyn`: of what the balance pays for as it is
    played (`per_minute`), what an hour costs when it begins; `seconds` are then those for which the balance is enough.
    `later_seconds`: what more of it there is, which waits for the next of its own days and hours. `until`: on the
    club's clock («18:00»), when something becomes of it by then though it stands still, and `then` what: it `waits` for
    its next hours, `expires`, is `refunded`, or the `night` stops whoever plays it; "" where nothing does so soon.
    """

    title: str
    kind: str
    seconds: int
    when_leaving: Literal["kept", "runs_on", "expires", "refunded"] = "kept"
    hour_tiyn: int | None = None
    later_seconds: int = 0
    until: str = ""
    then: Literal["", "waits", "expires", "refunded", "night"] = ""


class SessionView(msgspec.Struct, frozen=True):
    """The session on a PC. `seconds_left` is all that may still be played here, leased or not.

    `plan`: of what that consists, in the order in which it is played. `stops`: why it stops though there is more time
    (`night`: the rule on minors); "" where it does not. `grace_seconds`: for how long the PC keeps the player's games
    open behind the lock once the time is over. `continues`: the session that this one goes on with, games and all.
    `pause_allowed`: whoever plays may let time stand still. `paused_by`: who did (`player`, `desk`), "" while it runs.
    """

    session_id: int
    state: Literal["active", "paused"]
    title: str
    customer_name: str
    seconds_left: int
    played_seconds: int
    plan: tuple[TimeView, ...] = ()
    stops: str = ""
    grace_seconds: int = 0
    continues: int | None = None
    pause_allowed: bool = False
    paused_by: str = ""


class OperationView(msgspec.Struct, frozen=True):
    """Something that became of a player's money or time. `kind`: `top_up`, `sale`, `played` and others.

    Money that came is positive, what went negative. `title`: of what was bought; of what was played, the PC's name.
    `detail`: where money came from or went to, by the kind of account (`cash`, `kaspi`…); of what was played, `desk`
    where it was the desk that had seated them. `club`: where it was, if that is another club than the PC's. `hours`: in
    which alone what was bought is played; None: at any time.
    """

    kind: str
    at: int
    tiyn: int = 0
    bonus_tiyn: int = 0
    seconds: int = 0
    title: str = ""
    detail: str = ""
    club: str = ""
    hours: HoursView | None = None


class DiskView(msgspec.Struct, frozen=True):
    """A disk that is built in. `name` is its maker's, as far as it is known."""

    name: str
    size_bytes: int


class NetworkView(msgspec.Struct, frozen=True):
    """A network card and its addresses."""

    name: str
    mac: str
    addresses: tuple[str, ...] = ()


CallReason = Literal["device", "game", "money", "other"]
"""Why a player calls the desk: mouse, keyboard and the like; a game; money and time; something else."""


class CallView(msgspec.Struct, frozen=True):
    """The open call for the desk from a PC. `taken_by` is who is coming; empty until somebody has taken it."""

    call_id: int
    reason: CallReason
    taken_by: str = ""


class MaintenanceView(msgspec.Struct, frozen=True):
    """What is shown at the PC: who works there, why, and for how long yet."""

    maintenance_id: int
    who: str
    reason: str
    seconds_left: int


class ServerView(msgspec.Struct, frozen=True):
    """A server that announces itself in the network: what it calls its club, and where it is (`HOST:PORT`)."""

    club_name: str
    address: str


class StaffView(msgspec.Struct, frozen=True):
    """The member of staff who has signed in at a PC, and what they may do there.

    `topped_up`: the name of the customer whose balance they topped up last, and by how much.
    """

    name: str
    may_top_up: bool
    may_add_applications: bool
    topped_up: str = ""
    amount_tiyn: int = 0


CommandKind = Literal[
    "message",
    "sign_out",
    "lock",
    "unlock",
    "volume",
    "start",
    "restart",
    "shut_down",
    "screenshot",
    "wake",
    "find_games",
]
"""What the desk may ask a PC to do."""

LARGEST_SCREENSHOT_BYTES = 45_000
"""A picture of a screen, as it travels: with its base64 it fits into one frame."""

LARGEST_GAMES_BYTES = 50_000
"""The games that `find_games` finds, as they travel: with the rest of the answer they fit into one frame."""


class FoundGame(msgspec.Struct, frozen=True):
    """A game in the library of `store` (`steam`, `epic`) on a PC. `place`: the address that starts it.

    `watch`: its processes; `is_guess`: they are not told by the store, but guessed from what lies in the game's folder.
    """

    title: str
    store: str
    place: str
    watch: tuple[str, ...] = ()
    is_guess: bool = False


AnswerCode = Literal[
    "ok",
    "wrong_credentials",
    "too_many_attempts",
    "wrong_code",
    "new_password_needed",
    "password_too_short",
    "password_too_long",
    "password_common",
    "login_taken",
    "login_malformed",
    "login_is_phone",
    "phone_malformed",
    "registration_closed",
    "not_signed_in",
    "already_elsewhere",
    "not_enough_money",
    "no_time_left",
    "pause_not_allowed",
    "tariff_not_available",
    "application_not_available",
    "application_failed",
    "computer_busy",
    "computer_broken",
    "computer_kept",
    "age_unconfirmed",
    "minor_at_night",
    "age_unconfirmed_past_night",
    "minor_past_night",
    "time_not_sold_there",
    "time_waits",
    "payment_not_offered",
    "amount_out_of_range",
    "phone_missing",
    "payment_not_open",
    "promo_code_wrong",
    "promo_not_yet",
    "promo_over",
    "promo_used_by_customer",
    "promo_used_up",
    "second_factor_needed",
    "wrong_second_factor",
    "not_allowed",
    "no_such_customer",
    "shift_needed",
    "fields_wrong",
    "server_unreachable",
    "server_error",
]
"""How a request of the player ended. Texts for people are made at the launcher, by code."""

SessionEnd = Literal["time_over", "signed_out", "ended_by_desk", "moved", "power_cut", "lease_over"]
"""Why a session stopped on a PC."""

LockState = Literal["locked", "unlocked", "broken"]
"""The lock as the agent sees it: `broken` means that the launcher is gone or does not cover the screen."""
