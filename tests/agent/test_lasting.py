"""Where a PC keeps its key and journal, and that it says so when they will be gone after a restart."""

import errno
import shutil
from pathlib import Path

import pytest

from lovhub.agent import lasting
from lovhub.agent.install import make_image
from lovhub.agent.journal import Journal
from lovhub.agent.lasting import Places, forget_this_pc, places
from lovhub.agent.platform import forgets
from lovhub.agent.settings import Lasting, configured_lasting, configured_server
from lovhub.agent.store import FileStore
from lovhub.protocol import channel
from tests.agent.support.club_server import ClubServer
from tests.agent.test_command import AgentProcess


def on_a_disk(_folder: Path) -> bool:
    return False


def in_memory(_folder: Path) -> bool:
    return True


@pytest.fixture
def protected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder on a disk that takes nothing: the administrator who runs the tests may write everywhere."""
    folder = tmp_path / "protected"

    def try_to_write(place: Path) -> None:
        if place == folder:
            raise OSError(errno.EROFS, "Read-only file system")
        place.mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(lasting, "_try_to_write", try_to_write)
    monkeypatch.setattr(lasting.tempfile, "mkdtemp", lambda prefix: str(tmp_path / prefix))
    return folder


def test_an_ordinary_pc_keeps_everything_in_its_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "pc"
    assert places(data, "", disk_forgets=on_a_disk) == Places(data, data)


def test_key_and_journal_lie_where_the_technician_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PC_NAME", "pc-17")
    data, stays = tmp_path / "pc", tmp_path / "stick" / "pc-17"
    configured = str(tmp_path / "stick" / "${PC_NAME}")
    assert places(data, configured, is_wiped=True, disk_forgets=on_a_disk) == Places(data, stays)


@pytest.mark.parametrize("configured", ["{}/file/pc", "{}/${{NOBODY_HAS_SET_THIS}}", "pc"])
def test_a_folder_that_cannot_be_used_is_told_of(tmp_path: Path, configured: str) -> None:
    (tmp_path / "file").touch()
    data = tmp_path / "pc"
    found = places(data, configured.format(tmp_path), disk_forgets=on_a_disk)
    assert found == Places(data, data, "lasting_folder_unusable")


def test_a_disk_that_forgets_is_seen_or_told_of(tmp_path: Path) -> None:
    data = tmp_path / "pc"
    assert places(data, "", disk_forgets=in_memory) == Places(data, data, "disk_forgets")
    told = places(data, "", is_wiped=True, disk_forgets=on_a_disk)
    assert told == Places(data, data, "disk_forgets")
    in_vain = places(data, str(tmp_path / "memory"), disk_forgets=in_memory)
    assert in_vain.why == "disk_forgets"


def test_a_write_protected_pc_works_all_the_same_and_keeps_its_key_elsewhere(
    tmp_path: Path, protected: Path
) -> None:
    elsewhere = tmp_path / "lovhub-"
    found = places(protected, "", disk_forgets=on_a_disk)
    assert found == Places(elsewhere, elsewhere, "write_protected")
    stays = tmp_path / "stays"
    assert places(protected, str(stays), disk_forgets=on_a_disk) == Places(elsewhere, stays)


def test_memory_is_seen_to_be_memory() -> None:
    memory = Path("/dev") / "shm"
    assert forgets(memory) == memory.is_mount()
    assert not forgets(Path("/proc"))


@pytest.mark.parametrize(("text", "is_wiped"), [("да", True), ("Yes", True), ("", False)])
def test_what_the_technician_writes(tmp_path: Path, text: str, is_wiped: bool) -> None:
    (tmp_path / "config.ini").write_text(
        f"[Client]\nLastingFolder = D:\\LoVHub\\%COMPUTERNAME%\nDiskIsWiped = {text}\n"
    )
    assert configured_lasting(tmp_path) == Lasting(r"D:\LoVHub\%COMPUTERNAME%", is_wiped)


def test_the_agent_keeps_them_there_and_tells_server_and_technician_where_they_do_not_last(
    club: ClubServer, tmp_path: Path
) -> None:
    data, stays = tmp_path / "pc", tmp_path / "stays"
    data.mkdir()
    (data / "config.ini").write_text(f"[Client]\nLastingFolder = {stays}\n")
    agent = AgentProcess(data, club.port)
    club.wait_for(channel.Heartbeat)
    agent.end()
    key = (stays / "pc_key.bin").read_bytes()
    assert (stays / "pc.json").exists()
    assert (stays / "journal.sqlite3").exists()
    assert not list(data.glob("pc*")) + list(data.glob("journal*"))

    (data / "config.ini").write_text("[Client]\nDiskIsWiped = yes\n")
    agent = AgentProcess(data, club.port)
    hello = club.wait_for(channel.Hello, 2)
    _code, _out, err = agent.end()
    assert not hello.memory_lasts
    assert "LastingFolder" in err
    assert '"event": "memory_forgets"' in (data / "agent.log").read_text()
    assert (data / "pc_key.bin").read_bytes() != key


def test_what_makes_a_pc_itself_is_forgotten_and_nothing_else(tmp_path: Path) -> None:
    FileStore(tmp_path).private_key()
    for name in ("pc.json", "journal.sqlite3-wal", "pc.damaged.json", "games.txt"):
        (tmp_path / name).touch()
    forget_this_pc(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["games.txt"]


def test_of_one_image_no_two_pcs_are_equal_also_where_the_disk_had_been_a_pc_of_its_own(
    tmp_path: Path,
) -> None:
    image = tmp_path / "image"
    image.mkdir()
    (image / "config.ini").write_text("[Client]\nServer = 10.0.0.2\n")
    FileStore(image).private_key()
    Journal(image).close()
    make_image(image)
    keys, journals = set(), set()
    for number in range(3):
        copied = shutil.copytree(image, tmp_path / f"pc-{number}")
        assert configured_server(copied) == "10.0.0.2"
        for _start in range(2):
            store, journal = FileStore(copied), Journal(copied)
            keys.add(store.private_key().public_key().public_bytes_raw())
            journals.add(journal.journal_id)
            journal.close()
    assert len(keys) == len(journals) == 3
