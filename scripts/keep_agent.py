"""Keep the agent of one commit, so that later servers prove that they still understand it.

    keep_agent.py COMMIT NAME     NAME: the version in CHANGELOG.md, such as 1.2.0

Its modules, as git has them, become `tests/server/channel/kept/NAME.zip`, from which Python imports;
`tests/server/channel/test_kept_agents.py` plays with every one of them. Run it when a version is released
(CONTRIBUTING.md).
"""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "tests" / "server" / "channel" / "kept"
ROOMS = ("lovhub/agent/", "lovhub/protocol/", "lovhub/volume/")
"""What is kept, beside the modules of all programs, which lie in no room."""

NO_TIME = (1980, 1, 1, 0, 0, 0)


def main() -> None:
    """Write the zip; the same commit gives the same bytes."""
    commit, name = sys.argv[1:]
    KEPT.mkdir(exist_ok=True)
    whole = KEPT / f"{name}.zip"
    with zipfile.ZipFile(whole, "w") as package:
        for path in _git("ls-tree", "-r", "--name-only", commit, "lovhub/").decode().split():
            if path.endswith(".py") and (path.count("/") == 1 or path.startswith(ROOMS)):
                about = zipfile.ZipInfo(path, NO_TIME)
                about.compress_type = zipfile.ZIP_DEFLATED
                package.writestr(about, _git("show", f"{commit}:{path}"), compresslevel=9)
    print(f"{whole.relative_to(ROOT)}: {whole.stat().st_size} bytes")


def _git(*words: str) -> bytes:
    return subprocess.run(
        ["git", *words],  # noqa: S607
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout


if __name__ == "__main__":
    main()
