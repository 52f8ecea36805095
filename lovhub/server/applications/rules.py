"""What an application may be: above all, where its program is."""

import re

KINDS = ("game", "program")
LONGEST_PATH = 1000

_DRIVE_PATH = re.compile(r'[A-Za-z]:[\\/](?![\\/])[^<>:"|?*\x00-\x1f]*[^<>:"|?*\x00-\x1f\\/. ]')
_UNC_PATH = re.compile(
    r'\\\\[^\\/<>:"|?*\x00-\x1f]+\\[^\\/<>:"|?*\x00-\x1f]+\\[^<>:"|?*\x00-\x1f]*[^<>:"|?*\x00-\x1f\\/. ]'
)
_POSIX_PATH = re.compile(r"/[^\x00-\x1f]*[^/\x00-\x1f]")


def unquoted(path: str) -> str:
    """`path` without the quotes that «Copy as path» of Windows puts around it."""
    path = path.strip()
    if len(path) >= 2 and path[0] == path[-1] and path[0] in "\"'":
        path = path[1:-1].strip()
    return path


def is_absolute_program_path(path: str) -> bool:
    r"""Whether `path` names a file from its root: `C:\…`, `\\server\share\…`, or `/…` on Linux.

    A path with `..` in it is refused: it does not say where it leads.
    """
    if len(path) > LONGEST_PATH or ".." in re.split(r"[\\/]", path):
        return False
    if path.startswith("//"):
        return False
    return any(pattern.fullmatch(path) for pattern in (_DRIVE_PATH, _UNC_PATH, _POSIX_PATH))


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
    if not is_absolute_program_path(unquoted(exe_path)):
        found["exe_path"] = "path_not_absolute"
    if sum(len(argument) + 1 for argument in arguments) > LONGEST_PATH:
        found["arguments"] = "arguments_too_long"
    elif any('"' in argument for argument in arguments):
        found["arguments"] = "arguments_malformed"
    return found
