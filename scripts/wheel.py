"""Builds the wheel into build/wheel, twice: whoever builds the same commit gets the same file, to the byte.

What may differ between two computers is taken away: when files were written, and who may read them. The web files
and the compiled texts must be there (`make wheel` sees to it).
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "build" / "wheel"
BUILT = ("lovhub/server/web/static/vendor/*", "lovhub/**/translations/*/LC_MESSAGES/*.mo")
"""What is shipped and not kept in git."""


NEEDED = (
    "lovhub/server/web/templates/base.html",
    "static/vendor/htmx.min.js",
    "LC_MESSAGES/messages.mo",
)
"""Without these nobody would see a page."""


def _git(*words: str) -> str:
    git = shutil.which("git")
    if git is None:
        sys.exit("git was not found")
    return subprocess.run([git, *words], cwd=ROOT, capture_output=True, check=True).stdout.decode()


def sources() -> list[Path]:
    """The files that the wheel is made of."""
    kept = [ROOT / name for name in _git("ls-files", "-z").split("\0") if name]
    built = [path for pattern in BUILT for path in ROOT.glob(pattern) if path.name[0] != "."]
    return [path for path in sorted({*kept, *built}) if path.is_file()]


def build(folder: Path, committed_at: str) -> Path:
    """The wheel, made of a copy of the sources in `folder`."""
    for path in sources():
        copy = folder / "tree" / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        copy.chmod(0o644)
    words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": committed_at, "PYTHONHASHSEED": "0"}
    environment.pop("PYTHONPATH", None)  # this very file would pass for the package of its name
    subprocess.run(
        [sys.executable, *words, "--wheel-dir", str(folder), str(folder / "tree")],
        env=environment,
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def main() -> int:
    """Build it twice; 1 if the two differ."""
    if not all(list(ROOT.glob(pattern)) for pattern in BUILT):
        sys.exit("the web files or the compiled texts are missing: make frontend messages")
    os.umask(0o022)
    committed_at = _git("log", "-1", "--format=%ct").strip()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        wheels = [build(Path(folder), committed_at) for folder in (one, other)]
        fingerprints = {hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels}
        if len(fingerprints) > 1:
            print("two builds of one commit differ:", *fingerprints)
            return 1
        names = zipfile.ZipFile(wheels[0]).namelist()
        missing = [needed for needed in NEEDED if not any(name.endswith(needed) for name in names)]
        if missing:
            print("not in the wheel:", *missing)
            return 1
        TARGET.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(wheels[0], TARGET / wheels[0].name)
    print(f"{TARGET / wheels[0].name}\nsha256 {fingerprints.pop()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
