"""What a player leaves on the disk goes after the session, and nothing beside it: with real files and real links."""

import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from lovhub.agent import sweep as sweeping
from lovhub.agent.sweep import ASIDE, sweep
from lovhub.agent.traces import NOTES_FILE
from lovhub.clock import ManualClock
from lovhub.protocol import channel, local, questions
from tests.agent.support.club_server import ClubServer
from tests.agent.support.pc_agent import PcAgent
from tests.agent.test_grace import next_session, play_to_the_end

LINES = ("Downloads", "AppData/Local/*/webcache*", "AppData/Local/Steam/local.vdf", "Missing/x")


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("личное")
    return path


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    folder = tmp_path / "player"
    for name in (
        "Downloads/фото.jpg",
        "Downloads/a/b/c.zip",
        "AppData/Local/Epic/webcache_44/Cookies",
        "AppData/Local/Epic/Saved/game.sav",
        "AppData/Local/Steam/local.vdf",
        "AppData/Local/Steam/library.vdf",
        "Documents/сохранение.dat",
    ):
        write(folder / name)
    return folder


def files(folder: Path) -> set[str]:
    """Files and links; what goes away while one looks is passed over."""
    found = set()
    for base, folders, names in os.walk(folder):
        links = [name for name in folders if Path(base, name).is_symlink()]
        found |= {Path(base, name).relative_to(folder).as_posix() for name in [*names, *links]}
    return found


KEPT = {
    "AppData/Local/Epic/Saved/game.sav",
    "AppData/Local/Steam/library.vdf",
    "Documents/сохранение.dat",
}


def test_what_is_named_goes_and_nothing_beside_it(profile: Path) -> None:
    (profile / "Downloads/a").chmod(0o500)
    assert sweep(profile, LINES) == 0
    assert files(profile) == KEPT
    assert (profile / "Downloads").is_dir()
    assert not (profile / ASIDE).exists()
    assert sweep(profile, LINES) == 0


def test_nothing_outside_is_touched_whatever_leads_there(profile: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    for name in ("games/cs.exe", "cookies/c", "down/d"):
        write(outside / name)
    (profile / "Downloads/to-games").symlink_to(outside / "games")
    (profile / "Downloads/a/to-games").symlink_to(outside / "games")
    (profile / "AppData/Local/Linked").symlink_to(outside)
    (profile / "Desktop").symlink_to(outside / "down")
    before = files(outside)
    lines = (
        *LINES,
        "AppData/Local/Linked/cookies",
        "Desktop",
        "../outside",
        "Downloads/../../outside",
        str(outside),
        "AppData",
    )
    assert sweep(profile, lines) == 0
    assert files(outside) == before
    assert not (profile / "Downloads/to-games").is_symlink()
    assert files(profile) == {*KEPT, "AppData/Local/Linked", "Desktop"}

    (profile / ASIDE).symlink_to(outside)  # somebody wants it all there
    write(profile / "Downloads/again")
    assert sweep(profile, LINES) == 0
    assert files(outside) == before
    linked = tmp_path / "linked"
    linked.symlink_to(profile)
    write(profile / "Downloads/again")
    assert sweep(linked, LINES) == 0
    assert "Downloads/again" in files(profile)


def test_a_junction_of_windows_is_not_followed(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Path.lstat

    def lstat(path: Path) -> object:
        found = known(path)
        if path.name != "Downloads":
            return found
        return SimpleNamespace(
            st_mode=found.st_mode, st_file_attributes=stat.FILE_ATTRIBUTE_REPARSE_POINT
        )

    monkeypatch.setattr(Path, "lstat", lstat)
    assert sweep(profile, LINES) == 0
    assert files(profile) == {*KEPT, "Downloads/фото.jpg", "Downloads/a/b/c.zip"}


def test_what_will_not_go_is_counted(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_use(path: Path, target: Path) -> Path:
        raise PermissionError(path)

    monkeypatch.setattr(Path, "rename", in_use)

    def unlink(path: Path) -> None:
        if path.name == "local.vdf":
            in_use(path, path)
        path.unlink()

    monkeypatch.setattr(sweeping, "_unlink", unlink)
    assert sweep(profile, LINES) == 1
    assert files(profile) == {*KEPT, "AppData/Local/Steam/local.vdf"}


def test_it_is_done_when_the_games_are_closed_and_for_nobody_who_plays_on(
    club: ClubServer, profile: Path, tmp_path: Path
) -> None:
    with PcAgent(tmp_path / "pc", club.port, profile=profile) as pc:
        pc.wait_mode("locked")
        club.send(channel.Catalog(tariffs=(), applications=(), traces=LINES))
        play_to_the_end(pc, club)
        pc.clock.advance(60)
        club.send(next_session(club, continues=3))
        pc.wait_mode("playing")
        assert len(files(profile)) == 7, "paid in time: nothing is over"
        pc.say(local.PlayerSignOut(request_id="out"))
        club.wait_for(questions.SignOut)
        club.send(channel.SessionEnded(session_id=4, reason="signed_out"))
        pc.wait_mode("locked")
        note = tmp_path / "pc" / NOTES_FILE
        pc.wait_until(lambda: b'"due":false' in note.read_bytes())
    assert files(profile) == KEPT


def test_after_a_power_cut_it_is_done_at_the_next_start(
    club: ClubServer, profile: Path, tmp_path: Path
) -> None:
    folder, clock = tmp_path / "pc", ManualClock()
    folder.mkdir()
    (folder / NOTES_FILE).write_text('{"lines": ["Downloads"], "due": true}')
    with PcAgent(folder, club.port, clock, profile=profile) as pc:
        pc.wait_until(lambda: not any((profile / "Downloads").iterdir()))
    assert len(files(profile)) == 5
