"""Versions on a PC's disk: whatever is cut off at whatever moment, a working one is started."""

import compileall
import errno
import hashlib
import importlib.metadata
import importlib.util
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lovhub.agent import command, platform, versions
from lovhub.agent.starter import Starter
from lovhub.agent.versions import FOLDER, STATE_FILE, Laid, Outcome, Versions
from lovhub.clock import ManualClock
from lovhub.package import this_python
from lovhub.protocol.updates import UpdateRefused, UpdateStatement

INSTALLED = "1.0"


def package(version: str, **files: str) -> bytes:
    about = f'{{"version": "{version}"}}'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in {"package.json": about, "lovhub/cli.py": version, **files}.items():
            archive.writestr(name, text)
    return made.getvalue()


def stated(version: str, data: bytes) -> UpdateStatement:
    return UpdateStatement(version, len(data), hashlib.sha256(data).digest())


def lay(pc: Versions, version: str) -> UpdateStatement:
    data = package(version)
    statement = stated(version, data)
    pc.lay(statement, data)
    pc.put_on_trial(statement)
    return statement


def runs(laid: Laid | None) -> str:
    """The version that starts, read from what would be run."""
    return INSTALLED if laid is None else (laid.folder / "lovhub" / "cli.py").read_text()


@pytest.fixture
def pc(tmp_path: Path) -> Versions:
    return Versions(tmp_path, INSTALLED)


def test_a_version_is_tried_stays_once_confirmed_and_leaves_the_one_before(
    pc: Versions, tmp_path: Path
) -> None:
    assert runs(pc.choose()) == INSTALLED
    for version in ("1.1", "1.2", "1.3"):
        lay(pc, version)
        assert runs(pc.choose()) == version
        pc.confirm()
        assert pc.state().outcome == Outcome(version, "done")
    kept = sorted(path.name[:3] for path in (tmp_path / FOLDER).iterdir() if path.is_dir())
    assert kept == ["1.2", "1.3"]
    pc.roll_back("crashes")
    assert runs(pc.choose()) == "1.2"
    assert pc.state().outcome == Outcome("1.3", "rolled_back", "crashes")


def test_a_trial_is_started_twice_at_most_and_what_failed_is_remembered(pc: Versions) -> None:
    statement = lay(pc, "1.1")
    assert [runs(pc.choose()) for _ in range(3)] == ["1.1", "1.1", INSTALLED]
    assert pc.has_failed(statement)
    pc.put_on_trial(statement)
    assert not pc.has_failed(statement)
    assert runs(pc.choose()) == "1.1"


def test_a_newer_installer_wins_and_a_damaged_state_or_folder_starts_the_installed_one(
    pc: Versions, tmp_path: Path
) -> None:
    lay(pc, "1.1")
    pc.confirm()
    assert runs(Versions(tmp_path, "1.2").choose()) == INSTALLED
    assert pc.state().current == ""
    statement = lay(pc, "1.1")
    (tmp_path / FOLDER / versions.name_of(statement) / "package.json").write_text("{torn")
    assert pc.choose() is None
    lay(pc, "1.1")
    for torn in ("{torn", '{"current": "../../1.9"}', ""):
        (tmp_path / FOLDER / STATE_FILE).write_text(torn)
        assert pc.choose() is None


@pytest.mark.parametrize(
    "files",
    [
        {"../lovhub/x.py": ""},
        {"lovhub/../../x.py": ""},
        {"/lovhub/x.py": ""},
        {"lovhub\\..\\x.py": ""},
        {"lovhub/C:x.py": ""},
        {"sitecustomize.py": ""},
        {"libraries/lovhub/cli.py": ""},
        {"libraries": ""},
    ],
)
def test_no_path_leads_out_of_the_versions_folder(
    pc: Versions, tmp_path: Path, files: dict[str, str]
) -> None:
    data = package("1.1", **files)
    with pytest.raises(UpdateRefused, match="package"):
        pc.lay(stated("1.1", data), data)
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no zip", "package"),
        (package("1.1")[:-30], "package"),
        (package("1.2"), "package"),
        (
            package("1.1", **{"package.json": '{"version": "1.1", "needs": {"msgspec": "0.1"}}'}),
            "needs",
        ),
        (
            package("1.1", **{"package.json": '{"version": "1.1", "needs": {"nothing": "1"}}'}),
            "needs",
        ),
    ],
)
def test_what_does_not_fit_is_not_laid(pc: Versions, data: bytes, code: str) -> None:
    with pytest.raises(UpdateRefused, match=code):
        pc.lay(stated("1.1", data), data)
    assert pc.choose() is None


def bringing(libraries_for: str, version: str = "17.4") -> bytes:
    """A package that needs the library `brought` in version 17.4, and brings one."""
    about = (
        '{"version": "1.1", "needs": {"brought": "17.4", "msgspec": "%s"}, "libraries_for": "%s"}'
    )
    return package(
        "1.1",
        **{
            "package.json": about % (importlib.metadata.version("msgspec"), libraries_for),
            "libraries/brought/__init__.py": "",
            f"libraries/Brought-{version}.dist-info/METADATA": "",
        },
    )


def test_a_library_that_a_version_brings_for_this_python_need_not_be_installed(
    pc: Versions,
) -> None:
    data = bringing(this_python())
    pc.lay(stated("1.1", data), data)
    pc.put_on_trial(stated("1.1", data))
    laid = pc.choose()
    assert laid is not None
    library = laid.folder / "libraries" / "brought" / "__init__.py"
    assert library.exists()
    assert Path(importlib.util.cache_from_source(str(library))).exists()


@pytest.mark.parametrize(
    "data", [bringing("win32-3.9"), bringing(""), bringing(this_python(), "17.5")]
)
def test_a_library_for_another_python_or_of_another_version_is_no_help(
    pc: Versions, data: bytes
) -> None:
    with pytest.raises(UpdateRefused, match="needs"):
        pc.lay(stated("1.1", data), data)
    assert pc.choose() is None


def test_what_another_version_has_brought_does_not_count_as_installed(
    pc: Versions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "libraries"
    (mine / "brought-17.4.dist-info").mkdir(parents=True)
    (mine / "brought-17.4.dist-info" / "METADATA").write_text("Name: brought\nVersion: 17.4\n")
    monkeypatch.syspath_prepend(mine)
    assert importlib.metadata.version("brought") == "17.4"
    data = bringing("")
    pc.lay(stated("1.1", data), data)  # as if it had been installed
    monkeypatch.setattr(versions, "own_libraries", lambda: mine)
    with pytest.raises(UpdateRefused, match="needs"):
        pc.lay(stated("1.1", data), data)


def test_each_version_is_opened_to_whom_it_may_concern_before_anything_lies_in_it(
    tmp_path: Path,
) -> None:
    opened: list[tuple[Path, int]] = []
    pc = Versions(
        tmp_path, INSTALLED, lambda folder: opened.append((folder, len(list(folder.iterdir()))))
    )
    lay(pc, "1.1")
    [(folder, files)] = opened
    assert (folder.parent, files) == (tmp_path / FOLDER, 0)


def test_a_version_is_laid_compiled_so_that_a_launcher_that_may_not_write_there_need_not(
    pc: Versions, tmp_path: Path
) -> None:
    files = {"lovhub/__init__.py": "", "lovhub/loading.py": "x = 1", "lovhub/odd.py": "("}
    data = package("1.1", **files)
    statement = stated("1.1", data)
    pc.lay(statement, data)
    folder = tmp_path / FOLDER / versions.name_of(statement)
    loaded = "import lovhub.loading; print(lovhub.loading.__cached__, lovhub.loading.x)"
    said = subprocess.run(
        [sys.executable, "-v", "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); {loaded}"],
        capture_output=True,
        check=True,
        text=True,
    )
    kept, _value = said.stdout.split()
    assert f"code object from {kept!r}" in said.stderr
    assert f"wrote {kept!r}" not in said.stderr
    assert (folder / "lovhub" / "odd.py").exists()


class PowerCut(BaseException):
    """Nothing of the program is left to clean up."""


def test_a_power_cut_at_any_moment_leaves_a_version_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = 0

    def cut(act: Callable[..., Any]) -> Callable[..., Any]:
        def acting(*words: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise PowerCut
            return act(*words, **named)

        return acting

    monkeypatch.setattr(
        os, "fsync", lambda _descriptor: None
    )  # takes long, and is a moment all the same
    for owner, name in (
        (os, "fsync"), (Path, "open"), (Path, "rename"), (Path, "replace"), (Path, "mkdir"),
        (versions.shutil, "rmtree"), (compileall, "compile_dir"), (platform, "write_private_file"),
    ):  # fmt: skip
        monkeypatch.setattr(owner, name, cut(getattr(owner, name)))

    for moment in range(200):
        left = 10_000
        pc = Versions(tmp_path / str(moment), INSTALLED)
        lay(pc, "1.1")
        pc.confirm()
        left = moment
        try:
            lay(pc, "1.2")
            pc.choose()
            pc.confirm()
        except PowerCut:
            left = 10_000
            again = Versions(tmp_path / str(moment), INSTALLED)
            assert runs(again.choose()) in {"1.1", "1.2"}
            lay(again, "1.2")
            assert runs(again.choose()) == "1.2"
            continue
        break
    assert 20 < moment < 199


def test_a_version_that_proved_itself_is_given_up_when_it_keeps_falling(
    pc: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(pc, "1.1")
    pc.confirm()
    starter = Starter(pc, [], ManualClock())
    monkeypatch.setattr("lovhub.agent.starter.RESTART_SECONDS", 0)
    laid = pc.choose()
    assert [starter._goes_on(laid, 1) for _ in range(2)] == [True, True]
    assert runs(pc.choose()) == "1.1"
    assert starter._goes_on(laid, 1)
    assert runs(pc.choose()) == INSTALLED
    assert not starter._goes_on(None, 1)
    assert pc.state().outcome == Outcome("1.1", "rolled_back", "crashes")


def test_the_installed_one_runs_where_none_can_be_chosen_and_is_told_why(
    pc: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[list[str]] = []

    def full() -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(pc, "choose", full)
    monkeypatch.setattr("lovhub.agent.command.main", lambda words: told.append(words) or 0)
    assert Starter(pc, ["--server", "club"], ManualClock()).run() == 0
    (words,) = told
    options = command._parser().parse_args(words)
    assert options.not_chosen == "OSError(28, 'no room')"
    assert options.started_by == "itself"
