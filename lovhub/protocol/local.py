"""Messages between the agent and the launcher on one PC, over a Unix socket or a named pipe.

One JSON object a line. The launcher holds no secrets and keeps no truth: it shows the last `state` and
`clock` it was sent, and passes on what the player does. It attaches with a token that the agent handed it
on standard input when it started it, good for this process only.
"""

from typing import Literal

import msgspec

from lovhub.protocol.codec import Codec
from lovhub.protocol.message import Message
from lovhub.protocol.views import (
    AnswerCode,
    ApplicationView,
    CallReason,
    CallView,
    CustomerView,
    MaintenanceView,
    OperationView,
    ServerView,
    SessionView,
    StaffView,
    TariffView,
)

LAUNCHER_ALIVE_SECONDS = 0.5
"""How often the launcher tells that it lives and still covers the screen."""

AGENT_GONE_SECONDS = 10
"""The launcher locks when it has heard nothing from the agent for this long: fail closed."""

# --- launcher → agent -------------------------------------------------------------------------------


class Attach(Message, frozen=True, tag="attach"):
    """First message of a launcher."""

    protocol: int
    token: str
    pid: int


class Alive(Message, frozen=True, tag="alive"):
    """Every LAUNCHER_ALIVE_SECONDS. `covering`: the lock is up and covers every screen."""

    covering: bool


class PlayerSignIn(Message, frozen=True, tag="sign_in"):
    """The player typed login and password."""

    request_id: str
    login: str
    password: str


class PlayerSetPassword(Message, frozen=True, tag="set_password"):
    """The player typed a new password, after signing in with the desk's PIN."""

    request_id: str
    login: str
    pin: str
    password: str


class PlayerRegister(Message, frozen=True, tag="register"):
    """Somebody typed what a new customer needs; `phone`: "" for none."""

    request_id: str
    login: str
    phone: str
    password: str


class PlayerSignInWithCode(Message, frozen=True, tag="sign_in_with_code"):
    """A guest typed the one-time code."""

    request_id: str
    code: str


class PlayerBuy(Message, frozen=True, tag="buy"):
    """Buy this tariff from the balance. `request_id` is the idempotency key, made once per decision.

    `price_tiyn`: what stood in the button; for another price nothing is bought.
    """

    request_id: str
    tariff_id: int
    price_tiyn: int | None = None


class PlayerTopUp(Message, frozen=True, tag="top_up"):
    """The customer wants to pay for the balance. `request_id` is the idempotency key."""

    request_id: str
    amount_tiyn: int


class PlayerCancelTopUp(Message, frozen=True, tag="cancel_top_up"):
    """The customer does not want to pay this any more."""

    request_id: str
    payment_id: int


class PlayerUsePromoCode(Message, frozen=True, tag="use_promo_code"):
    """The customer typed a promo code. `request_id` is the idempotency key."""

    request_id: str
    code: str


class PlayerAskOperations(Message, frozen=True, tag="ask_operations"):
    """The player wants to see what became of their money and time; it comes in `Operations`."""

    request_id: str
    before: str = ""


class PlayerStar(Message, frozen=True, tag="star"):
    """The customer gives a program a star, or takes it."""

    request_id: str
    application_id: int
    is_favourite: bool


class PlayerChooseHabits(Message, frozen=True, tag="choose_habits"):
    """The customer has set this PC as they like it; None and "": as it was."""

    request_id: str
    volume: int | None = None
    layout: str = ""
    language: str = ""


class PlayerPause(Message, frozen=True, tag="pause"):
    """The customer lets their time stand still, and locks the PC until they sign in again."""

    request_id: str


class PlayerSignOut(Message, frozen=True, tag="sign_out"):
    """The player leaves."""

    request_id: str


class PlayerLaunch(Message, frozen=True, tag="launch"):
    """Start this application, or bring its window forward when it runs already."""

    request_id: str
    application_id: int


class PlayerStepAway(Message, frozen=True, tag="step_away"):
    """The player goes away for a while: lock, while time runs. `digits`: by what they come back, if asked for."""

    request_id: str
    digits: str = ""


class PlayerComeBack(Message, frozen=True, tag="come_back"):
    """Somebody at the lock says that they are the player who went away."""

    request_id: str
    secret: str


class PlayerCall(Message, frozen=True, tag="call_desk"):
    """Somebody from the desk is wanted here."""

    request_id: str
    reason: CallReason
    text: str = ""


class PcIsCalled(Message, frozen=True, tag="pc_is_called"):
    """Somebody at the waiting PC has typed its name. Not answered: `State.wished_name` shows it."""

    name: str


class ChooseServer(Message, frozen=True, tag="choose_server"):
    """Somebody at the PC has chosen one of `State.servers`. Not answered: the PC goes there."""

    address: str


class PersonSignIn(Message, frozen=True, tag="staff_sign_in"):
    """A member of staff signs in here; `code`: of the second factor, where it is asked."""

    request_id: str
    login: str
    password: str
    code: str = ""


class PersonSignOut(Message, frozen=True, tag="staff_sign_out"):
    """The member of staff is done here."""

    request_id: str


class PersonTopUp(Message, frozen=True, tag="staff_top_up"):
    """The member of staff took money for a customer. `request_id` is the idempotency key."""

    request_id: str
    login: str
    amount_tiyn: int
    method: Literal["cash", "card"]


class PersonAddApplication(Message, frozen=True, tag="staff_add_application"):
    """The member of staff adds a program of this PC."""

    request_id: str
    title: str
    kind: Literal["game", "program"]
    exe_path: str
    picture: bytes = b""


class TechnicianCode(Message, frozen=True, tag="technician_code"):
    """A technician typed the code that answers `State.upkeep_number`. The agent itself says whether it is right."""

    request_id: str
    code: str


class Screenshot(Message, frozen=True, tag="screenshot"):
    """What `TakeScreenshot` asked for: a JPEG of at most LARGEST_SCREENSHOT_BYTES, or nothing if it failed."""

    command_id: str
    picture: bytes


LauncherMessage = (
    Attach
    | Alive
    | PlayerSignIn
    | PlayerSetPassword
    | PlayerSignInWithCode
    | PlayerRegister
    | PlayerBuy
    | PlayerTopUp
    | PlayerCancelTopUp
    | PlayerUsePromoCode
    | PlayerAskOperations
    | PlayerStar
    | PlayerChooseHabits
    | PlayerPause
    | PlayerSignOut
    | PlayerLaunch
    | PlayerCall
    | PlayerStepAway
    | PlayerComeBack
    | PcIsCalled
    | ChooseServer
    | PersonSignIn
    | PersonSignOut
    | PersonTopUp
    | PersonAddApplication
    | TechnicianCode
    | Screenshot
)

# --- agent → launcher -------------------------------------------------------------------------------

Mode = Literal[
    "starting", "pairing", "locked", "signed_in", "playing", "paused", "held", "away", "maintenance"
]
"""What the launcher shows. In every mode but `playing` and `maintenance` the lock covers the screen.

`starting`: the agent does not yet know (no server found so far); `pairing`: show the code; `locked`: the
sign-in; `signed_in`: a customer without time, who may buy some; `paused`: the session stands still;
`held`: the desk has covered the screen while time runs; `away`: the player has;
`maintenance`: a technician works here, without a customer.
"""

OPEN_MODES: frozenset[Mode] = frozenset({"playing", "maintenance"})
"""Those in which there is no lock."""


class Trouble(msgspec.Struct, frozen=True):
    """Why the PC cannot work, for whoever has to mend it.

    `path`: of the file or folder, `line` in it. What stands there, and what the system says, is in the agent's log.
    """

    why: Literal[
        "server_address", "settings_unreadable", "settings_line", "disk_full", "folder", "failed"
    ]
    path: str = ""
    line: int = 0


class State(Message, frozen=True, tag="state"):
    """Everything the launcher shows, whole, at each change. `server_time`: that moment on the server's clock.

    `away_needs_digits`: whoever plays here has typed nothing by which to come back.
    `games_kept`: the time is over, and the games are still open behind the lock; `Clock` tells for how long.
    `takes_name`: the desk wants to know what the waiting PC is to be called; `wished_name`: what was typed here.
    `servers`: who announces itself in the network, where a person has to choose one of them (`ChooseServer`).
    `knows`: what the server answers beside what every one does, see `channel.Welcome`.
    `upkeep_number`: what a technician tells the server to get a code (`TechnicianCode`); "" where none would open.
    `trouble`: what is wrong with the PC's settings; it looks for its server as if there were none.
    `goes_on`: no server is there, and whose session a power cut has stopped here may go on by signing in.
    """

    mode: Mode
    computer_name: str
    club_name: str
    linked: bool
    server_address: str = ""
    pairing_code: str = ""
    customer: CustomerView | None = None
    session: SessionView | None = None
    tariffs: tuple[TariffView, ...] = ()
    applications: tuple[ApplicationView, ...] = ()
    running_application_ids: tuple[int, ...] = ()
    ended_reason: str = ""
    call: CallView | None = None
    maintenance: MaintenanceView | None = None
    staff: StaffView | None = None
    server_time: int = 0
    games_kept: bool = False
    away_needs_digits: bool = False
    knows: tuple[str, ...] = ()
    takes_name: bool = False
    wished_name: str = ""
    servers: tuple[ServerView, ...] = ()
    upkeep_number: str = ""
    goes_on: bool = False
    trouble: Trouble | None = None


class Clock(Message, frozen=True, tag="clock"):
    """Every second while playing, in maintenance, or while games are kept: both sides agree on the time left.

    `link_lost_seconds` is 0 while connected.
    """

    seconds_left: int
    played_seconds: int
    link_lost_seconds: int = 0


class Warn(Message, frozen=True, tag="warn"):
    """Once at fifteen minutes, at five and at one: tell the player without taking the focus from the game.

    `why`: `night` where the rule on minors stops the session; then also at thirty and ten.
    """

    minutes_left: int
    why: str = ""


class Operations(Message, frozen=True, tag="operations"):
    """What `PlayerAskOperations` asked for, before its answer. `next`: the place to go on at, "" at the end."""

    request_id: str
    rows: tuple[OperationView, ...]
    next: str = ""


class Notice(Message, frozen=True, tag="notice"):
    """A message from the desk, to be shown to the player as it is."""

    text: str


class DeskDid(Message, frozen=True, tag="desk_did"):
    """The desk did something here that the player is to be told of."""

    what: Literal["restart", "shut_down", "screenshot"]


class TakeScreenshot(Message, frozen=True, tag="take_screenshot"):
    """The desk wants to see the screen. Answered by `Screenshot`."""

    command_id: str


class LocalAnswer(Message, frozen=True, tag="answer"):
    """How a player's request ended."""

    request_id: str
    code: AnswerCode


class Quit(Message, frozen=True, tag="quit"):
    """The agent stops in an orderly way: the launcher may end."""


AgentMessage = (
    State | Clock | Warn | Operations | Notice | DeskDid | TakeScreenshot | LocalAnswer | Quit
)

launcher_codec: Codec[LauncherMessage] = Codec(LauncherMessage)
"""What the launcher sends."""

agent_codec: Codec[AgentMessage] = Codec(AgentMessage)
"""What the agent sends."""
