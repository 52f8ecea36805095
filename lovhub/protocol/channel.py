"""Frames between a PC's agent and the server. One message, one class, one handler.

The server speaks first (`server_hello`), so that a PC sends nothing of value to a stranger. A paired PC then
says `hello` and is answered by `welcome`; an unpaired one goes through `pairing`. Questions of a player carry
a `request_id` and get exactly one `answer`. What happened on a PC travels as numbered journal entries, kept
on the PC's disk until the server acknowledges them: delivered at least once, applied exactly once.
"""

from typing import Literal

import msgspec

from lovhub.protocol.codec import Codec
from lovhub.protocol.identity import IdentityStatement
from lovhub.protocol.lease import SignedLease
from lovhub.protocol.message import Message
from lovhub.protocol.questions import (
    AskOperations,
    BuyTariff,
    CallDesk,
    CancelTopUp,
    ChooseHabits,
    Pause,
    Register,
    SetPassword,
    SignIn,
    SignInWithCode,
    SignOut,
    StaffAddApplication,
    StaffSignIn,
    StaffSignOut,
    StaffTopUp,
    Star,
    TopUp,
    UsePromoCode,
)
from lovhub.protocol.updates import UpdateNews, UpdateOffer, UpdatePart, UpdateWanted
from lovhub.protocol.upkeep_code import UpkeepKeys
from lovhub.protocol.views import (
    AnswerCode,
    ApplicationView,
    CallView,
    CommandKind,
    CustomerView,
    DiskView,
    FoundGame,
    LockState,
    MaintenanceView,
    NetworkView,
    OperationView,
    SessionEnd,
    SessionView,
    StaffView,
    TariffView,
)


class ReportedSession(msgspec.Struct, frozen=True):
    """The session as the PC's journal knows it: cumulative seconds played, up to the last tick on disk.

    `boot_id` is the boot in which that tick was written; `last_tick_at` is server time as the PC reckons it.
    `restarted`: the PC was started anew since the server last heard of this session, and its player has gone on there
    by their password (`Catalog.cached_sign_ins`).
    """

    session_id: int
    lease_serial: int
    played_seconds: int
    boot_id: str
    last_tick_at: int
    restarted: bool = False


# --- PC → server ------------------------------------------------------------------------------------


class PairCommit(Message, frozen=True, tag="pair_commit"):
    """An unpaired PC begins pairing; `commit` is `pairing.commitment(...)`.

    `mac`: of the network card by which it speaks, such as `"3c:7c:3f:00:12:34"`; only a hint for people.
    """

    protocol: int
    hostname: str
    commit: bytes
    mac: str = ""


class PairReveal(Message, frozen=True, tag="pair_reveal"):
    """The PC shows what it committed to. `bulk_token`: the one it was installed with, if any (`pairing.bulk_token`)."""

    public_key: bytes
    nonce: bytes
    bulk_token: str = ""


class PairName(Message, frozen=True, tag="pair_name"):
    """Whoever stands at the waiting PC says what it is to be called; the desk has the last word."""

    name: str


class Hello(Message, frozen=True, tag="hello"):
    """A paired PC signs in. `session` is what its journal holds, whether still running or cut off.

    `keeps_games`: it knows `SessionView.grace_seconds`, and says `games_closed`.
    `commands`: the kinds that it understands, beside those that every PC does (`message`, `sign_out`).
    `memory_lasts`: its key and journal are still there after a restart.
    `takes_updates`: it can put another version of itself in its place (`update_offer`).
    `is_guarded`: it does not run with the player's own rights where it could have others (Windows without the service).
    `takes_codes`: it opens to technicians' codes, and wants `maintenance_keys`.
    """

    protocol: int
    agent_version: str
    computer_id: int
    token: str
    boot_id: str
    hostname: str
    operating_system: str
    journal_id: str
    lock: LockState
    session: ReportedSession | None = None
    keeps_games: bool = False
    commands: tuple[str, ...] = ()
    memory_lasts: bool = True
    takes_updates: bool = False
    is_guarded: bool = True
    takes_codes: bool = False


class Heartbeat(Message, frozen=True, tag="heartbeat"):
    """«I am here»: every HEARTBEAT_SECONDS; costs the server no more than memory."""

    seq: int
    lock: LockState
    session_id: int | None = None
    played_seconds: int = 0
    application_id: int | None = None


class Journal(Message, frozen=True, tag="journal"):
    """Facts in ascending order, each as `entries.written` has it; repeated until acknowledged."""

    entries: tuple[msgspec.Raw, ...]


class GamesClosed(Message, frozen=True, tag="games_closed"):
    """The games that a session's end had left open are being closed: whoever was signed in there is so no more."""

    session_id: int


class CommandResult(Message, frozen=True, tag="command_result"):
    """What became of a command. `detail`: a code where it was not done. `picture`: of `screenshot`, a JPEG.

    The rest is of `find_games`: `stores`, whose libraries there are on the PC, what is installed in them, and how many
    games more there are than one answer holds.
    """

    command_id: str
    ok: bool
    detail: str = ""
    picture: bytes = b""
    stores: tuple[str, ...] = ()
    games: tuple[FoundGame, ...] = ()
    games_left_out: int = 0


class Hardware(Message, frozen=True, tag="hardware"):
    """What the PC is made of, after every `welcome`; empty where it is not to be known."""

    cpu: str
    cores: int
    memory_bytes: int
    gpus: tuple[str, ...] = ()
    disks: tuple[DiskView, ...] = ()
    screens: tuple[str, ...] = ()
    networks: tuple[NetworkView, ...] = ()


class Goodbye(Message, frozen=True, tag="goodbye"):
    """The PC goes off in an orderly way («выключен штатно»)."""

    reason: Literal["shutdown", "restart", "stopped"]


ClientFrame = (
    PairCommit
    | PairReveal
    | PairName
    | Hello
    | Heartbeat
    | Journal
    | SignIn
    | SetPassword
    | Register
    | SignInWithCode
    | BuyTariff
    | TopUp
    | CancelTopUp
    | UsePromoCode
    | AskOperations
    | Star
    | ChooseHabits
    | Pause
    | SignOut
    | StaffSignIn
    | StaffSignOut
    | StaffTopUp
    | StaffAddApplication
    | GamesClosed
    | CallDesk
    | CommandResult
    | Hardware
    | UpdateWanted
    | UpdateNews
    | Goodbye
)


# --- server → PC ------------------------------------------------------------------------------------


class ServerHello(Message, frozen=True, tag="server_hello"):
    """First word on every connection: which protocol, and proof that this certificate is the club's."""

    protocol: int
    oldest_protocol: int
    identity: IdentityStatement


class PairChallenge(Message, frozen=True, tag="pair_challenge"):
    """The server's half of the pairing code. `takes_name`: it knows `pair_name`."""

    nonce: bytes
    takes_name: bool = False


class Paired(Message, frozen=True, tag="paired"):
    """The desk approved. The token is shown once; the server keeps only its hash."""

    computer_id: int
    computer_name: str
    token: str


class Welcome(Message, frozen=True, tag="welcome"):
    """The PC is known. `server_time` is UTC epoch seconds; what was reported in `hello` is settled.

    `session` is what the PC must go on with (None: locked). `knows`: the questions, by their tags, that this server
    answers beside those that every one does; and `entries.KNOWS_CODES`.
    """

    computer_name: str
    club_name: str
    server_time: int
    session: SessionView | None = None
    customer: CustomerView | None = None
    lease: SignedLease | None = None
    journal_number: int = 0
    call: CallView | None = None
    maintenance: MaintenanceView | None = None
    maintenance_lease: SignedLease | None = None
    knows: tuple[str, ...] = ()


class Ack(Message, frozen=True, tag="ack"):
    """The heartbeat arrived."""

    seq: int


class JournalAck(Message, frozen=True, tag="journal_ack"):
    """Everything up to and including `number` is in the database; the PC may forget it."""

    number: int


class Answer(Message, frozen=True, tag="answer"):
    """The end of a request. `why`: a finer code than `code`, for those who know it; "" where there is none."""

    request_id: str
    code: AnswerCode
    why: str = ""


class Operations(Message, frozen=True, tag="operations"):
    """What `ask_operations` asked for, before its answer. `next`: the place to go on at, "" at the end."""

    request_id: str
    rows: tuple[OperationView, ...]
    next: str = ""


class CustomerChanged(Message, frozen=True, tag="customer"):
    """Who is signed in at this PC and what they have; None: nobody."""

    customer: CustomerView | None


class StaffChanged(Message, frozen=True, tag="staff"):
    """Who of the staff is signed in at this PC; None: nobody, or no more."""

    staff: StaffView | None


class SessionChanged(Message, frozen=True, tag="session"):
    """The session on this PC as it is from now on, with the lease that lets it run (None while paused)."""

    session: SessionView
    lease: SignedLease | None


class SessionEnded(Message, frozen=True, tag="session_ended"):
    """The session is over: close the programs and lock. `seconds_returned` stays with the customer.

    `why`: a finer reason (`night`: the rule on minors), for those who know it.
    """

    session_id: int
    reason: SessionEnd
    seconds_returned: int = 0
    why: str = ""


class MaintenanceChanged(Message, frozen=True, tag="maintenance"):
    """A technician may work here without a customer until the lease's end; None: lock, if no session runs."""

    maintenance: MaintenanceView | None
    lease: SignedLease | None


class MaintenanceKeys(Message, frozen=True, tag="maintenance_keys"):
    """Whose codes open this PC from now on, with a link or without; in the place of all it was told before."""

    keys: UpkeepKeys


class Catalog(Message, frozen=True, tag="catalog"):
    """What may be bought and started here now; sent after `welcome` and at each change.

    `traces`: the folders of a player's profile that are emptied after each session; None: not told.
    `cached_sign_ins`: whose session a power cut has stopped here may go on by their password while no server is there.
    """

    tariffs: tuple[TariffView, ...]
    applications: tuple[ApplicationView, ...]
    traces: tuple[str, ...] | None = None
    cached_sign_ins: bool = False


class NameChanged(Message, frozen=True, tag="name"):
    """The desk renamed the PC."""

    computer_name: str


class CallChanged(Message, frozen=True, tag="call"):
    """The open call from this PC: the desk knows, somebody is coming; None: it is closed."""

    call: CallView | None


class Command(Message, frozen=True, tag="command"):
    """Do this within `ttl_seconds` or not at all; executed at most once per `command_id`.

    `expires_at`: the server's instant after which it is not begun, however late it is read (0: not told).
    `session_id`: of `sign_out`, the session that has been ended (0: nobody plays). The rest is for one kind each:
    `text` for `message`, `application_id` for `start`, `percent` for `volume`, `macs` for `wake` (of other PCs).
    """

    command_id: str
    kind: CommandKind
    ttl_seconds: int
    text: str = ""
    expires_at: int = 0
    session_id: int | None = None
    application_id: int = 0
    percent: int = 0
    macs: tuple[str, ...] = ()


class Bye(Message, frozen=True, tag="bye"):
    """The server stops in an orderly way; come back after this many seconds (jittered by the PC)."""

    reconnect_after_seconds: int


class Error(Message, frozen=True, tag="error"):
    """The last word before the server closes this connection; `text` is English, for the log."""

    code: Literal[
        "oversized",
        "malformed",
        "unknown_type",
        "unexpected",
        "protocol_version",
        "unknown_computer",
        "pairing_refused",
        "replaced",
        "timeout",
        "server_error",
    ]
    text: str = ""


ServerFrame = (
    ServerHello
    | PairChallenge
    | Paired
    | Welcome
    | Ack
    | JournalAck
    | Answer
    | Operations
    | CustomerChanged
    | StaffChanged
    | SessionChanged
    | SessionEnded
    | MaintenanceChanged
    | MaintenanceKeys
    | Catalog
    | NameChanged
    | CallChanged
    | Command
    | UpdateOffer
    | UpdatePart
    | Bye
    | Error
)

client_codec: Codec[ClientFrame] = Codec(ClientFrame)
"""Frames that a PC sends: the server decodes with it, the agent encodes."""

server_codec: Codec[ServerFrame] = Codec(ServerFrame)
"""Frames that the server sends."""
