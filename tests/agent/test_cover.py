"""Whatever is wrong at the agent's start, the screen is not open."""

import errno
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from lovhub.agent import command, cover, guard, starter
from lovhub.agent.command import main
from lovhub.agent.logs import LOG_FILE
from lovhub.agent.platform.common import FolderInUse
from lovhub.agent.settings import Given, SettingsRefused
from lovhub.agent.store import FileStore, Membership
from lovhub.agent.versions import Versions
from lovhub.protocol.local import Trouble
from tests.agent.support.pc_agent import PcAgent

pytestmark = pytest.mark.usefixtures("logging_as_it_was")


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Given]:
    """With which settings the agent began to work; it ends at once."""
    begun: list[Given] = []

    async def run(*words: Any) -> bool:
        begun.append(words[-2])
        words[-1].hand_over(tmp_path / "launcher.json")
        return False

    monkeypatch.setattr(command, "_run", run)
    return begun


class FakeStandIn:
    """What covers the screen, and what it says is wrong; nothing does while `trouble` is None."""

    trouble: Trouble | None = None
    started = 0

    def __init__(self, trouble: Trouble) -> None:
        FakeStandIn.trouble = trouble
        FakeStandIn.started += 1
        self.pid = os.getpid()

    def covers(self) -> bool:
        return True

    def end(self) -> None:
        FakeStandIn.trouble = None


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> type[FakeStandIn]:
    monkeypatch.setattr(FakeStandIn, "trouble", None)
    monkeypatch.setattr(FakeStandIn, "started", 0)
    monkeypatch.setattr(cover, "LauncherStandIn", FakeStandIn)
    monkeypatch.setattr(cover, "LOOK_SECONDS", 0.01)
    return FakeStandIn


@pytest.mark.parametrize(
    ("config", "trouble"),
    [
        ("[Client]\nServer = a b\n", ("server_address", 0)),
        ("[Client]\nServer = host:0\n", ("server_address", 0)),
        ("[Client]\nServer = ,\n", ("server_address", 0)),
        ("[Client]\nServer = 10.0.0.5,\n", ("server_address", 0)),
        ("[Client", ("settings_line", 1)),
        ("[Client]\nServer = 10.0.0.5\n\n[Kas\n = 7\n", ("settings_line", 5)),
        (b"[Client]\nServer = \x98\xff\n", ("settings_unreadable", 0)),
        (b"\xff\xfe[\x00C", ("settings_unreadable", 0)),
    ],
)
def test_wrong_settings_are_no_reason_to_leave_the_screen_open(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    begun: list[Given],
    config: str | bytes,
    trouble: tuple[str, int],
) -> None:
    path = folder / "config.ini"
    path.write_bytes(config.encode() if isinstance(config, str) else config)
    assert main(["--data", str(folder)]) == 0
    (given,) = begun
    why, line = trouble
    assert given.refusal is not None
    assert given.refusal.trouble == Trouble(why, str(path), line)  # type: ignore[arg-type]
    assert str(given.refusal) in capsys.readouterr().err
    assert "settings_refused" in (folder / LOG_FILE).read_text(encoding="utf-8")


def test_where_the_agent_cannot_begin_the_screen_is_covered_until_it_can(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    begun: list[Given],
    stand_in: type[FakeStandIn],
) -> None:
    folder = tmp_path / "file" / "pc"
    (tmp_path / "file").touch()
    said: list[Trouble | None] = []

    def mend(*_words: object) -> None:
        said.append(stand_in.trouble)
        if (tmp_path / "file").is_file():
            (tmp_path / "file").unlink()

    monkeypatch.setattr(cover, "remember_launcher", mend)
    assert main(["--data", str(folder), "--server", "host"]) == 0
    assert [trouble and (trouble.why, trouble.path) for trouble in said] == [
        ("folder", str(folder))
    ] * 2  # when it came, and for the guard, which ends it once the agent's own launcher is there
    assert len(begun) == stand_in.started == 1
    assert stand_in.trouble is not None
    assert "нельзя писать" in capsys.readouterr().err


def test_a_mistake_of_ours_covers_the_screen_until_the_agent_is_told_to_stop(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    stand_in: type[FakeStandIn],
) -> None:
    tries: list[int] = []

    async def fall(*_words: object) -> bool:
        tries.append(stand_in.started)
        raise RuntimeError("of ours")

    def stop(self: FakeStandIn) -> bool:
        if len(tries) == 2:
            signal.raise_signal(signal.SIGTERM)
        return True

    monkeypatch.setattr(command, "_run", fall)
    monkeypatch.setattr(FakeStandIn, "covers", stop)
    assert main(["--data", str(folder), "--server", "host"]) == 1
    assert tries == [0, 1]
    assert stand_in.trouble is None
    assert "of ours" in capsys.readouterr().err
    assert "RuntimeError" in (folder / LOG_FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize("where", ["_places", "tell_of_secrets", "tell_of_memory", "FileStore"])
def test_wherever_at_the_start_a_mistake_of_ours_shows_the_screen_is_covered(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    stand_in: type[FakeStandIn],
    begun: list[Given],
    where: str,
) -> None:
    as_it_is = getattr(command, where)
    said: list[Trouble | None] = []

    def fall(*words: Any) -> Any:
        if stand_in.started:
            said.append(stand_in.trouble)
            return as_it_is(*words)
        raise ValueError("of ours")

    monkeypatch.setattr(command, where, fall)
    assert main(["--data", str(folder), "--server", "host"]) == 0
    assert said == [Trouble("failed", str(folder))]
    assert len(begun) == 1
    assert "of ours" in (folder / LOG_FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "why"),
    [(OSError(errno.ENOSPC, "full"), "disk_full"), (PermissionError(13, "denied"), "folder")],
    ids=["full", "no right"],
)
def test_the_lock_says_what_to_do_about_the_folder_and_the_log_what_the_system_says(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    stand_in: type[FakeStandIn],
    error: OSError,
    why: str,
) -> None:
    said: list[Trouble | None] = []

    async def fall(*_words: object) -> bool:
        if stand_in.started:
            said.append(stand_in.trouble)
            return False
        raise error

    monkeypatch.setattr(command, "_run", fall)
    assert main(["--data", str(folder), "--server", "host"]) == 0
    assert [one and (one.why, one.path) for one in said] == [(why, str(folder))]
    assert str(error.strerror) in (folder / LOG_FILE).read_text(encoding="utf-8")


def test_where_no_version_can_be_chosen_the_installed_one_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update on trial, and a full disk: without any agent the PC would be open, and its log says why."""
    ran: list[list[str]] = []

    def choose(_versions: Versions) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Versions, "choose", choose)
    monkeypatch.setattr(starter, "_run_here", lambda words: ran.append(words) or 0)
    assert starter.main(["--data", str(folder)]) == 0
    why = repr(OSError(errno.ENOSPC, "full"))
    assert ran == [["--data", str(folder), starter.NOT_CHOSEN, why, starter.STARTED_BY, "itself"]]


def test_what_covers_meanwhile_does_not_make_an_earlier_agents_launcher_forgotten(
    tmp_path: Path, stand_in: type[FakeStandIn]
) -> None:
    """Nobody would end it, and it would cover the screen of a player who has paid."""
    work = tmp_path / "launcher.json"
    for record in (work, tmp_path / "read-only" / "launcher.json"):
        guard.remember_launcher(work, os.getppid())
        earlier = guard.launcher_left_behind(work)
        covered = cover.Cover(record)
        covered._look(Trouble("failed"))
        covered.hand_over(work)
        left = guard.launcher_left_behind(work)
        assert left is not None
        assert (left.pid, left.before) == (os.getpid(), earlier)
    assert stand_in.started == 2


def test_where_it_says_something_else_the_screen_is_not_open_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A launcher takes a PC seconds to start: what covers goes when the next has had them."""
    told: list[str] = []
    cannot_start: list[str] = []

    class Told(FakeStandIn):
        def __init__(self, trouble: Trouble) -> None:
            if trouble.why in cannot_start:
                raise OSError(errno.ENOMEM, "no memory")
            super().__init__(trouble)
            self._why = trouble.why
            told.append(f"+{self._why}")

        def end(self) -> None:
            told.append(f"-{self._why}")

    monkeypatch.setattr(cover, "LauncherStandIn", Told)
    monkeypatch.setattr(cover, "LOOK_SECONDS", 0)
    covered = cover.Cover(tmp_path / "launcher.json")
    for why in ("folder", "disk_full", "disk_full"):
        assert covered.hold(Trouble(why))
    assert told == ["+folder", "+disk_full", "-folder"]
    left = guard.launcher_left_behind(tmp_path / "launcher.json")
    assert left is not None
    assert left.before is None, "who has been ended is remembered no longer"
    cannot_start.append("failed")
    assert covered.hold(Trouble("failed"))
    assert told[3:] == []
    cannot_start.clear()
    assert covered.hold(Trouble("failed"))
    assert told[3:] == ["+failed", "-disk_full"]
    covered.lift()
    assert told[5:] == ["-failed"]


def test_what_covers_goes_on_where_the_next_one_dies_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []

    class DiesOfAFullDisk(FakeStandIn):
        def __init__(self, trouble: Trouble) -> None:
            super().__init__(trouble)
            self._why = trouble.why

        def covers(self) -> bool:
            return self._why != "disk_full"

        def end(self) -> None:
            ended.append(self._why)

    monkeypatch.setattr(cover, "LauncherStandIn", DiesOfAFullDisk)
    monkeypatch.setattr(cover, "LOOK_SECONDS", 0)
    covered = cover.Cover(tmp_path / "launcher.json")
    for why in ("folder", "disk_full"):
        assert covered.hold(Trouble(why))
    assert ended == []
    covered.lift()
    assert ended == ["folder"]


@pytest.mark.parametrize("work", ["launcher.json", "elsewhere.json"])
def test_an_agent_that_fails_before_its_guard_begins_leaves_the_screen_to_what_has_covered_it(
    tmp_path: Path, stand_in: type[FakeStandIn], work: str
) -> None:
    """Whoever takes the place where the launcher attaches makes it fail so every time."""
    covered = cover.Cover(tmp_path / "launcher.json")
    for _try in range(3):
        assert covered.hold(Trouble("folder"))
        covered.hand_over(tmp_path / work)
    assert stand_in.started == 1
    left = guard.launcher_left_behind(tmp_path / work)
    assert left is not None
    assert (left.pid, left.before) == (os.getpid(), None)
    covered.lift()
    assert stand_in.trouble is not None, "it is the guard's now"


def test_what_has_covered_goes_where_another_agent_has_got_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, stand_in: type[FakeStandIn]
) -> None:
    tries = iter([OSError(28, "full"), FolderInUse()])

    def take(_path: Path) -> None:
        raise next(tries)

    monkeypatch.setattr(command, "FolderLock", take)
    assert main(["--data", str(folder), "--server", "host"]) == 1
    assert (stand_in.started, stand_in.trouble) == (1, None)


def test_a_service_has_no_screen_and_leaves_it_to_windows_to_start_it_again(
    tmp_path: Path, stand_in: type[FakeStandIn]
) -> None:
    (tmp_path / "file").touch()
    words = ["--data", str(tmp_path / "file" / "pc"), "--service", str(tmp_path)]
    assert main(words) == 1
    assert stand_in.started == 0


def test_the_lock_is_told_what_is_wrong_with_the_settings(tmp_path: Path) -> None:
    trouble = Trouble("settings_line", "config.ini", 7)
    with PcAgent(tmp_path / "pc", 0, search=lambda _stop: [], trouble=trouble) as pc:
        assert pc.wait_mode("starting").trouble == trouble


def test_with_wrong_settings_only_a_pc_that_knows_its_club_by_a_key_looks_for_it(
    tmp_path: Path,
) -> None:
    """Another would be given to whoever announces a server."""
    wrong = Given([], "", SettingsRefused("wrong", Trouble("server_address")))
    store = FileStore(tmp_path)
    assert command._search_beside(wrong, store) is None
    assert command._search_beside(wrong._replace(bulk_token="of the club"), store) is not None
    assert command._search_beside(Given([], ""), store) is not None
    store.join(Membership(computer_id=1, token="t", identity_key=bytes(32)), "certificate")
    assert command._search_beside(wrong, store) is not None
