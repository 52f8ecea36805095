"""What an application may be: above all, where its program is."""

import re

KINDS = ("game", "program")
LONGEST_PATH = 1000

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


def problems(title: str, kind: str, exe_path: str, arguments: list[str]) -> dict[str, str]:
    """What is wrong with an application: field → code; empty when all is well."""
    found = {}
    if not 1 <= len(title.strip()) <= 80:
        found["title"] = "title_malformed"
    if kind not in KINDS:
        found["kind"] = "kind_unknown"
    path_is_wrong = path_problem(unquoted(exe_path))
    if path_is_wrong:
        found["exe_path"] = path_is_wrong
    if sum(len(argument) + 1 for argument in arguments) > LONGEST_PATH:
        found["arguments"] = "arguments_too_long"
    elif any('"' in argument for argument in arguments):
        found["arguments"] = "arguments_malformed"
    return found
