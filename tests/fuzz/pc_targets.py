"""What a gaming PC takes in: from its launcher's pipe, from whoever says to be the server, from files of players."""

import asyncio
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from lovhub.agent import errand
from lovhub.agent.libraries import epic, steam
from lovhub.agent.libraries.scan import Found, Places, scan
from lovhub.agent.local_server import LocalServer
from lovhub.agent.seat import Occupant, Seat, Sessions, SessionSeat
from lovhub.agent.versions import FOLDER, Versions
from lovhub.package import make_package
from lovhub.protocol import updates
from lovhub.protocol.channel import CommandResult, Hardware
from lovhub.protocol.codec import MAX_FRAME_BYTES
from lovhub.protocol.local import AgentMessage, Attach, LauncherMessage, agent_codec, launcher_codec
from lovhub.protocol.updates import (
    SHA256_BYTES,
    SignedUpdate,
    UpdateRefused,
    UpdateStatement,
    open_update,
    version_key,
)
from lovhub.protocol.views import LARGEST_GAMES_BYTES, FoundGame
from lovhub.server.libraries import rules as libraries
from tests.fuzz.junk import TEXTS, Target, as_json, decode, frames, shaped, spoilt, torn

# --- the launcher's pipe ------------------------------------------------------------------------------------


class _Handler:
    """Notes what gets through."""

    def __init__(self) -> None:
        self.attached = 0
        self.messages: list[LauncherMessage] = []

    def launcher_attached(self) -> None:
        self.attached += 1

    def launcher_message(self, message: LauncherMessage) -> None:
        self.messages.append(message)


class _AnybodysSeat:
    """Takes every process for the launcher: the token alone is to keep strangers out."""

    def is_launcher(self, writer: object, pid: int) -> bool:
        return True


class _Writer:
    """The other end's ear."""

    def close(self) -> None:
        """Nobody listens."""


def come_to_the_pipe(said: tuple[str, list[bytes]]) -> None:
    """Whoever does not know the token gets nothing through, whatever it says."""
    token, lines = said
    handler = _Handler()
    server = LocalServer("", handler, cast("Seat", _AnybodysSeat()))
    right = server.new_token()
    known = token == "right"
    first = launcher_codec.encode(Attach(protocol=1, token=right if known else token, pid=1))

    async def serve() -> None:
        reader = asyncio.StreamReader(limit=MAX_FRAME_BYTES)
        reader.feed_data(b"".join(line + b"\n" for line in [first, *lines][0 if token else 1 :]))
        reader.feed_eof()
        await server._connected(reader, cast("asyncio.StreamWriter", _Writer()))

    asyncio.run(serve())
    if known:
        assert handler.attached == 1
    else:
        assert not handler.attached
        assert not handler.messages
    assert not server._writers
    assert server._attached is None


PIPE = st.tuples(
    st.sampled_from(["right", "right", "", "ё", "x" * 43]),
    st.lists(frames(LauncherMessage).map(lambda line: line.replace(b"\n", b" ")), max_size=4),
)


# --- updates ------------------------------------------------------------------------------------------------

CLUB_KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def open_offer(said: tuple[bytes, bool]) -> None:
    """What the club's key has not signed is none of its versions."""
    payload, is_signed = said
    signature = CLUB_KEY.sign(updates._UPDATE_CONTEXT + payload) if is_signed else payload[:64]
    with suppress(UpdateRefused):
        statement = open_update(
            SignedUpdate(payload, signature), identity_key=CLUB_KEY.public_key().public_bytes_raw()
        )
        assert is_signed
        assert version_key(statement.version)
        assert 0 < statement.size <= updates.MOST_PACKAGE_BYTES
        assert len(statement.sha256) == SHA256_BYTES


@cache
def _package() -> bytes:
    return make_package(
        Path(__file__).parent, "9.1", {"lovhub/cli.py": "", "lovhub/a/b.py": "x = 1"}
    )


NAMES = st.sampled_from(
    ["lovhub/cli.py", "lovhub/../../x", "../x", "/x", "C:\\x", "lovhub//x", "lovhub/con", "lovhub", "package.json",
     "lovhub/\udcff", "lovhub/" + "n" * 300, "server/x.py"]
)  # fmt: skip


@st.composite
def packages(draw: st.DrawFn) -> bytes:
    """A package with files of other names, doubled, or cut."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in {
            "package.json": draw(
                torn(st.just(msgspec.json.encode({"version": "9.1", "needs": {}})))
            ),
            "lovhub/cli.py": b"",
            **draw(st.dictionaries(NAMES, st.binary(max_size=20), max_size=3)),
        }.items():
            with suppress(UnicodeEncodeError):
                archive.writestr(name, text)
    return draw(torn(st.one_of(st.just(out.getvalue()), st.just(_package()))))


def lay_package(package: bytes) -> None:
    """Laid down whole in its own folder, or not at all."""
    statement = UpdateStatement("9.1", len(package), hashlib.sha256(package).digest())
    with tempfile.TemporaryDirectory() as home:
        lasting = Path(home) / "lasting"
        lasting.mkdir()
        with suppress(UpdateRefused, OSError):
            Versions(lasting).lay(statement, package)
        assert [path.name for path in Path(home).iterdir()] == ["lasting"]
        assert {path.name for path in lasting.iterdir()} <= {FOLDER}
        for laid in (lasting / FOLDER).glob("*"):
            assert {path.name for path in laid.iterdir()} <= {"lovhub", "package.json"}


# --- libraries of games -------------------------------------------------------------------------------------

WORDS = st.one_of(
    st.sampled_from(
        ['"AppState"', '"appid"', '"730"', '"name"', '"installdir"', '"StateFlags"', '"4"', '"libraryfolders"',
         '"path"', '"0"', "{", "}", "//", "[$WIN32]", '"\\\\"', '"..\\\\.."', '"/"', '"', "\0"]
    ),
    TEXTS.map(lambda text: f'"{text}"'),
)  # fmt: skip
STEAM = st.one_of(
    st.lists(WORDS, max_size=30).map(" ".join),
    st.tuples(TEXTS, TEXTS).map(
        lambda said: (
            f'"AppState" {{ "appid" "730" "name" "{said[0]}" "installdir" "{said[1]}" "StateFlags" "4" }}'
        )
    ),
    st.just('"a" {' * 3_000),
    st.just("/" * 20_000),
)
EPIC = spoilt(
    st.fixed_dictionaries(
        {
            "DisplayName": TEXTS, "CatalogNamespace": TEXTS, "CatalogItemId": TEXTS, "AppName": TEXTS,
            "LaunchExecutable": TEXTS, "ProcessNames": st.lists(TEXTS, max_size=3),
            "AppCategories": st.lists(st.sampled_from(["games", "addons", ""]), max_size=2),
            "bIsIncompleteInstall": st.booleans(), "InstallLocation": TEXTS,
        }
    )
).map(as_json)  # fmt: skip


def look_into_libraries(said: tuple[bytes, bytes, bytes]) -> None:
    """Files that any player may have written are looked through, and what is told of them fits into a frame."""
    manifest, folders, item = said
    with tempfile.TemporaryDirectory() as home:
        apps, items = Path(home) / "steamapps", Path(home) / "items"
        for folder in (apps, items):
            folder.mkdir()
        (apps / "appmanifest_730.acf").write_bytes(manifest)
        (apps / "libraryfolders.vdf").write_bytes(folders)
        (items / "1.item").write_bytes(item)
        found = scan(Places(steam=[Path(home)], epic=[items]))
    _judge(found)


def _judge(found: Found) -> None:
    assert set(found.stores) == {steam.STORE, epic.STORE}
    assert sum(len(msgspec.json.encode(game)) + 1 for game in found.games) <= LARGEST_GAMES_BYTES
    told = CommandResult("1", ok=True, stores=found.stores, games=found.games)
    assert len(msgspec.json.encode(told)) <= MAX_FRAME_BYTES
    believe(told)


def believe(told: CommandResult) -> None:
    """What a PC says that it has found is an application of the club's, or passed over."""
    findings = libraries.believed(1, told)
    for candidate in libraries.compared(findings.games, [libraries.Offered("Игра", ["C:\\x.exe"])]):
        game = candidate.game
        assert not libraries.wrongs(game.title, game.place, game.watch or ["any.exe"])


def believe_shaped(game: Any) -> None:
    """The same of what never came from a library."""
    with suppress(msgspec.ValidationError):
        believe(CommandResult("1", ok=True, games=(msgspec.convert(game, FoundGame),)))


# --- what runs as the player for an agent that does not ------------------------------------------------------


class _Sessions:
    """A player whose programs say what they like."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def occupant(self) -> Occupant:
        return Occupant(1, "player")

    def remote(self) -> str:
        return ""

    def run(self, session: int, command: Sequence[str], line: bytes, seconds: float) -> bytes:
        return self._said


def hear_errand(said: bytes) -> None:
    """It is done or not, and what is told on fits into a frame."""
    seat = SessionSeat(cast("Sessions", _Sessions(said)), "player", clears_traces=True)
    with suppress(OSError):
        gpus, screens = seat.displays()
        told = Hardware(cpu="", cores=1, memory_bytes=1, gpus=tuple(gpus), screens=tuple(screens))
        assert len(msgspec.json.encode(told)) <= MAX_FRAME_BYTES
    with suppress(OSError):
        assert seat.sweep(["x"]) >= 0


ERRANDS = st.one_of(
    frames(errand.Answer),
    st.sampled_from(
        [b'{"x":' + b"[" * 30_000, b'{"gpus":["' + b"x" * 65_000 + b'"]}', b'{"left":-1}']
    ),
)

PC_TARGETS: dict[str, Target] = {
    "launcher_messages": (frames(LauncherMessage), partial(decode, launcher_codec)),
    "agent_messages": (frames(AgentMessage), partial(decode, agent_codec)),
    "launcher_pipe": (PIPE, come_to_the_pipe),
    "update_offers": (st.tuples(frames(UpdateStatement), st.booleans()), open_offer),
    "update_packages": (packages(), lay_package),
    "libraries": (
        st.tuples(
            torn(STEAM.map(lambda text: text.encode("utf-8", "surrogatepass"))),
            torn(STEAM.map(lambda text: text.encode("utf-8", "surrogatepass"))),
            torn(EPIC),
        ),
        look_into_libraries,
    ),
    "errands": (ERRANDS, hear_errand),
    "found_games": (spoilt(shaped(FoundGame)), believe_shaped),
}
"""Name → what is sent, and who takes it in, as in `targets`."""
