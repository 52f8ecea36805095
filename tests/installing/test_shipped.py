"""What `packaging/windows/build.py` puts into the PC's installer is all that the PC's programs load, and no more."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def build() -> ModuleType:
    path = ROOT / "packaging" / "windows" / "build.py"
    found = importlib.util.spec_from_file_location("windows_build", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_a_pc_gets_all_that_its_programs_load_and_nothing_of_the_servers(
    build: ModuleType, tmp_path: Path
) -> None:
    build.put_ours(tmp_path, "pc")
    loaded = ("agent.command", "agent.install", "launcher.command", "cli")
    script = "; ".join(f"import lovhub.{name}" for name in loaded) + "; print(lovhub.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == str(tmp_path / "lovhub" / "__init__.py")
    assert not (tmp_path / "lovhub" / "server").exists()
