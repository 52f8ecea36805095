"""What `lovhub agent install` and `lovhub serve install` have in common."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from lovhub.installing.changes import AnyChange
from lovhub.installing.machine import InstallRefused, Machine
from lovhub.installing.manifest import Manifest

EXIT_FAILED = 1
PROBLEM_FILE = "problem.txt"


def programs_folder() -> Path:
    """Where the installer has put the programs: the Windows Python lies in a folder of it."""
    return Path(sys.executable).resolve().parent.parent


def this_machine() -> Machine:
    """The machine this runs on, if it has Windows; refused elsewhere."""
    if sys.platform == "win32":
        from lovhub.installing.windows import WindowsMachine  # noqa: PLC0415

        return WindowsMachine()
    raise InstallRefused(
        "Эта команда только для Windows. Для Linux есть готовые службы в packaging/linux."
    )


def install(
    machine: Machine, manifest: Manifest, settings: dict[str, str], changes: Iterable[AnyChange]
) -> list[str]:
    """Make the changes, in place of those of an earlier installation; if one fails, none is left.

    Returns what is left for a person to do.
    """
    _undo(machine, manifest)
    manifest.remember(settings)
    try:
        return manifest.make(machine, changes)
    except BaseException:
        manifest.undo(machine)
        raise


def uninstall(machine: Machine, manifest: Manifest) -> None:
    """Undo everything; what could not be undone stays in the list and is told of."""
    _undo(machine, manifest)
    manifest.forget()


def _undo(machine: Machine, manifest: Manifest) -> None:
    failures = manifest.undo(machine)
    if failures:
        raise InstallRefused("Не удалось вернуть, как было:\n  " + "\n  ".join(failures))


def told(work: Callable[[], None]) -> int:
    """Do it; what goes wrong is one sentence for the technician. Returns the exit code.

    Whoever installs on sixty PCs without windows finds the sentence in a file beside the programs.
    """
    try:
        work()
    except InstallRefused as refused:
        return _failed(str(refused))
    except (OSError, msgspec.MsgspecError) as error:
        return _failed(f"Не получилось: {error}")
    if sys.platform == "win32":
        (programs_folder() / PROBLEM_FILE).unlink(missing_ok=True)
    return 0


def tell_what_is_left(left: Iterable[str]) -> None:
    """Say what Windows refused and a person has to do, where the installer shows it."""
    for line in left:
        _say(f"Не получилось, сделайте сами: {line}")


def _say(line: str) -> None:
    if sys.stderr is not None:  # which shows what it can, whatever letters the console has
        sys.stderr.write(line + "\n")


def _failed(sentence: str) -> int:
    _say(sentence)
    if sys.platform == "win32":
        (programs_folder() / PROBLEM_FILE).write_text(sentence, encoding="utf-8-sig")
    return EXIT_FAILED
