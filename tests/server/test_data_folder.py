"""The data folder: made at the first start, one server at a time, keys that are never replaced unasked."""

import subprocess
import sys
from pathlib import Path

import pytest

from lovhub.server import data_folder
from lovhub.server.refusal import StartRefused, sentence

HOLD = """
import sys
from pathlib import Path
from lovhub.server.data_folder import open_folder
folder = open_folder(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_another_process_on_the_same_folder_is_refused_until_the_first_dies(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(StartRefused) as refused:
            data_folder.open_folder(tmp_path)
        assert refused.value.code == "folder_in_use"
        assert str(tmp_path) in (sentence(refused.value) or "")
        holder.kill()
    data_folder.open_folder(tmp_path).close()


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartRefused) as refused:
        data_folder.open_folder(tmp_path / "file")
    assert refused.value.code == "folder_unusable"


def test_the_first_start_makes_settings_with_a_random_key_and_no_password(tmp_path: Path) -> None:
    folders = [data_folder.open_folder(tmp_path / name) for name in ("one", "two")]
    first, second = (data_folder.ensure_config(folder) for folder in folders)
    assert len(first.secret_key) >= 32
    assert first.secret_key != second.secret_key
    assert not first.has_admin_password
    assert data_folder.ensure_config(folders[0]) == first
    for folder in folders:
        folder.close()


def test_a_placeholder_for_the_secret_key_is_replaced(tmp_path: Path) -> None:
    folder = data_folder.open_folder(tmp_path)
    folder.config_path.write_text(
        "[Flask]\nSecretKey = your_secret_key\n[Admin]\nAdminUsername = a\n", encoding="utf-8"
    )
    config = data_folder.ensure_config(folder)
    assert len(config.secret_key) >= 32
    assert config.admin_login == "a"
    folder.close()


def test_the_identity_outlives_starts(tmp_path: Path) -> None:
    folder = data_folder.open_folder(tmp_path)
    first = data_folder.ensure_identity(folder)
    again = data_folder.ensure_identity(folder)
    assert again.public_key() == first.public_key()
    folder.close()


@pytest.mark.parametrize("damage", ["removed", "overwritten"])
def test_a_lost_identity_of_a_living_club_is_never_replaced(tmp_path: Path, damage: str) -> None:
    folder = data_folder.open_folder(tmp_path)
    data_folder.ensure_identity(folder)
    (tmp_path / "lovhub.sqlite3").touch()
    identity = tmp_path / "identity.pem"
    if damage == "removed":
        identity.unlink()
    else:
        identity.write_text("rubbish", encoding="ascii")
    with pytest.raises(StartRefused) as refused:
        data_folder.ensure_identity(folder)
    assert refused.value.code == "identity_unreadable"
    assert identity.exists() == (damage == "overwritten")
    folder.close()
