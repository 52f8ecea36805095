"""What an application may be: above all, where it is started from.

That is a program, or an address that Steam, Epic or Battle.net answers to. An address starts a launcher, which starts
the game: by which process the game is to be known must then be said. Only addresses that start a game are taken:
others install, uninstall or open pages.
"""

import re
from collections.abc import Sequence

KINDS = ("game", "program")
LONGEST_PATH = 1000
MOST_OTHERS = 5
MOST_WATCHED = 5

ADDRESSES = {
    "steam": re.compile(r"steam://(rungameid|run|launch)/\d{1,20}/?"),
    "com.epicgames.launcher": re.compile(
        r"com\.epicgames\.launcher://apps/[A-Za-z0-9%._:-]{1,300}(\?action=launch(&silent=(true|false))?)?"
    ),
    "battlenet": re.compile(r"battlenet://[A-Za-z0-9_]{1,40}/?"),
}
"""What an address of each launcher looks like that starts a game."""

SYSTEM_PROCESSES = frozenset(
    {
        *("explorer.exe", "winlogon.exe", "csrss.exe", "lsass.exe", "services.exe", "svchost.exe"),
        *("smss.exe", "wininit.exe", "dwm.exe", "conhost.exe", "python.exe", "pythonw.exe"),
        *("lovhub.exe", "systemd", "init", "xorg"),
    }
)
"""What is closed with a game at a session's end must not be the system, nor ourselves."""

_PROCESS = re.compile(r'[^<>:"|?*\\/\x00-\x1f]{1,100}')

_WINDOWS_ROOT = re.compile(r"[A-Za-z]:[\\/]|[\\/]{2}[^\\/]+[\\/]+[^\\/]+[\\/]")
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]')
_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(\..*)?", re.IGNORECASE)
_VARIABLE = re.compile(r"%[^%\\/]+%|\$env:|\$\{|^~", re.IGNORECASE)
_LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(?![\\/][^\\/])")
_WITH_ARGUMENTS = re.compile(r"\.exe[\"']?\s+\S", re.IGNORECASE)


def unquoted(path: str) -> str:
    """`path` without the quotes that «Copy as path» of Windows puts around it."""
    path = path.strip()
    if len(path) >= 2 and path[0] == path[-1] and path[0] in "\"'":
        path = path[1:-1].strip()
    return path


def path_problem(path: str) -> str | None:
    r"""Why `path` cannot be «Путь к .exe»: a code; None if it can.

    It names a program from the root, as Windows does: `C:\…\game.exe` or `\\server\share\…\game.exe`. On gaming
    PCs with Linux it is `/…`, without an .exe.
    """
    if not path:
        return "path_missing"
    if len(path) > LONGEST_PATH:
        return "path_too_long"
    if _WITH_ARGUMENTS.search(path):
        return "path_with_arguments"
    if _VARIABLE.search(path):
        return "path_with_variable"
    if path.startswith("/") and not path.startswith("//"):
        return _posix_problem(path)
    if _LINK.match(path):
        return "path_is_link"
    root = _WINDOWS_ROOT.match(path)
    if root is None:
        return "path_not_absolute"
    share = [part for part in re.split(r"[\\/]+", root[0]) if part and not part.endswith(":")]
    return _windows_problem([*share, *re.split(r"[\\/]+", path[root.end() :].lstrip("\\/"))])


def _posix_problem(path: str) -> str | None:
    parts = path.split("/")[1:]
    if path.lower().endswith(".exe"):
        return "path_not_absolute"  # on Windows a path from «/» has no drive
    if ".." in parts or "." in parts:
        return "path_with_dots"
    if re.search(r"[\x00-\x1f]", path):
        return "path_with_forbidden"
    return None if parts[-1] else "path_not_exe"


def _windows_problem(parts: list[str]) -> str | None:
    """What is wrong with the folders and the file's name, taken apart."""
    if ".." in parts or "." in parts:
        return "path_with_dots"
    if any(_FORBIDDEN.search(part) or _DEVICE.fullmatch(part) for part in parts):
        return "path_with_forbidden"
    name = parts[-1]
    if not name.lower().endswith(".exe") or name.lower() == ".exe":
        return "path_not_exe"
    # Windows drops a dot or a space at a name's end: the path would lead elsewhere than it says.
    return "path_with_forbidden" if any(part.endswith((".", " ")) for part in parts) else None


def split_arguments(text: str) -> list[str] | None:
    """Arguments typed in one line; "double quotes" keep spaces together. None: a quote is left open.

    Backslashes are plain characters, as Windows paths need them.
    """
    if text.count('"') % 2:
        return None
    words = re.findall(r'(?:[^\s"]|"[^"]*")+', text)
    return [word.replace('"', "") for word in words]


def join_arguments(arguments: list[str]) -> str:
    """Arguments in one line, for editing; `split_arguments` gives them back."""
    return " ".join(
        f'"{argument}"' if not argument or re.search(r"\s", argument) else argument
        for argument in arguments
    )


def is_address(place: str) -> bool:
    """Whether a launcher answers to this."""
    return any(form.fullmatch(place) for form in ADDRESSES.values())


def what_starts(place: str) -> str:
    """The same for all ways of writing where the same thing is started from."""
    place = unquoted(place)
    if not is_address(place):
        return place.replace("\\", "/").casefold()
    scheme, _, rest = place.casefold().partition("://")
    # `steam://run/730` is `steam://rungameid/730`; how quietly Epic is to start does not matter.
    rest = rest.partition("?")[0].rstrip("/").replace("%3a", ":")
    return f"{scheme}:{rest.rpartition('/')[2]}"


def place_problem(place: str) -> str | None:
    """Why nothing can be started from here: a code; None if it can."""
    form = ADDRESSES.get(place.split("://", maxsplit=1)[0].lower())
    if form is None:
        return path_problem(place)
    return None if form.fullmatch(place) else "address_malformed"


def tidy(lines: Sequence[str]) -> list[str]:
    """Without what is empty or there twice, and without quotes around a path."""
    return list(dict.fromkeys(line for raw in lines if (line := unquoted(raw))))


def problems(
    title: str,
    kind: str,
    exe_path: str,
    arguments: list[str],
    other_paths: Sequence[str] = (),
    watch: Sequence[str] = (),
) -> dict[str, str]:
    """What is wrong with an application: field → code; empty when all is well."""
    found = {}
    if not 1 <= len(title.strip()) <= 80:
        found["title"] = "title_malformed"
    if kind not in KINDS:
        found["kind"] = "kind_unknown"
    if wrong := place_problem(unquoted(exe_path)):
        found["exe_path"] = wrong
    wrongs = [wrong for other in other_paths if (wrong := place_problem(other))]
    if wrongs or len(other_paths) > MOST_OTHERS:
        found["other_paths"] = wrongs[0] if wrongs else "too_many_paths"
    if len(watch) > MOST_WATCHED or not all(_PROCESS.fullmatch(name) for name in watch):
        found["watch"] = "watch_malformed"
    elif any(name.lower() in SYSTEM_PROCESSES for name in watch):
        found["watch"] = "watch_is_system"
    elif not watch and any(map(is_address, (unquoted(exe_path), *other_paths))):
        found["watch"] = "watch_missing"
    if sum(len(argument) + 1 for argument in arguments) > LONGEST_PATH:
        found["arguments"] = "arguments_too_long"
    elif any('"' in argument for argument in arguments):
        found["arguments"] = "arguments_malformed"
    return found
