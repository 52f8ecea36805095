"""Build LoVHub's two Windows installers on Linux: `make installers`.

    build/installers/lovhub-pc-VERSION.exe       agent and launcher, for gaming PCs
    build/installers/lovhub-server-VERSION.exe   the club's server
    build/installers/lovhub-pc-VERSION.zip       an update for PCs that lack this version's libraries, and brings them

Each holds a Windows Python, the pinned wheels and our own modules. Variables of the environment, for a release:

    WINDOWS_PYTHON          path of the official «embeddable package» (zip, 64 bits, Python 3.11)
    WINDOWS_PYTHON_SHA256   its SHA-256 as the maker's page states it
    SIGN_CERTIFICATE        path of a code signing certificate with its key (PKCS #12), for osslsigncode
    SIGN_PASSWORD_FILE      path of a file with its password
    SIGN_TIMESTAMP          address of the certificate authority's time stamp server

Without WINDOWS_PYTHON the one that the tests use is taken, and the installers are called «-test».
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from wine_setup import pip, unpack_python  # noqa: E402

import lovhub  # noqa: E402
from lovhub.package import NOT_ON_A_PC, make_package  # noqa: E402
from lovhub.protocol.updates import MOST_PACKAGE_BYTES  # noqa: E402

HERE = Path(__file__).resolve().parent
OUTPUT = ROOT / "build" / "installers"
SEARCH_PATH = ["python311.zip", ".", r"..\lib", r"..\lib\win32", r"..\lib\win32\lib", "import site"]

WHEELS_FOR = "win32-3.11"
KINDS = ("pc", "server")
UNUSED = (
    # Qt: tools and parts for programs that draw otherwise than ours.
    *("PySide6/*.exe", "PySide6/Qt6Designer*", "PySide6/Qt6Qml*", "PySide6/Qt6Quick*"),
    *("PySide6/QtDesigner*", "PySide6/QtQml*", "PySide6/QtQuick*", "PySide6/QtHelp*"),
    *("PySide6/Qt6Help*", "PySide6/QtTest*", "PySide6/Qt6Test*", "PySide6/QtSql*"),
    *("PySide6/Qt6Sql*", "PySide6/opengl32sw.dll", "PySide6/qml", "PySide6/include"),
    *("PySide6/typesystems", "PySide6/glue", "PySide6/metatypes", "PySide6/scripts"),
    *("PySide6/doc", "PySide6/resources", "PySide6/translations/q[!t]*", "PySide6/plugins/qml*"),
    *("PySide6/plugins/designer", "PySide6/plugins/sqldrivers", "PySide6/*.lib", "PySide6/*.pyi"),
    *("shiboken6/*.lib", "shiboken6/*.pyi", "pythonwin", "win32/Demos", "win32com/demos"),
    *("win32comext/*/demos", "win32/scripts", "bin", "pywin32_system32", "*.chm", "isapi"),
)


def python_zip() -> Path | None:
    """The official Python that was given, once its SHA-256 has been found right."""
    if not (given := os.environ.get("WINDOWS_PYTHON")):
        return None
    wanted = os.environ.get("WINDOWS_PYTHON_SHA256", "").strip().lower()
    found = hashlib.sha256(Path(given).read_bytes()).hexdigest()
    if found != wanted:
        raise SystemExit(
            f"{given} has the SHA-256 {found}, and WINDOWS_PYTHON_SHA256 says {wanted or 'nothing'}"
        )
    return Path(given)


def put_python(folder: Path, official: Path | None) -> None:
    """Put a Windows Python there that finds our modules and those of the wheels, and nothing else."""
    if official is None:
        unpack_python(folder)
    else:
        with zipfile.ZipFile(official) as files:
            files.extractall(folder)
    path_file = folder / "python311._pth"
    if not path_file.exists():
        raise SystemExit("the Windows Python is none of 3.11: the wheels are")
    path_file.write_text("\r\n".join(SEARCH_PATH) + "\r\n")


def put_wheels(folder: Path, requirements: Path) -> None:
    """Install the pinned Windows wheels into `lib`, without what our programs never load."""
    wheels = folder / "lib"
    pip(
        "install",
        f"--target={wheels}",
        "--platform=win_amd64",
        "--python-version=3.11",
        "--implementation=cp",
        "--only-binary=:all:",
        "--no-compile",
        f"--requirement={requirements}",
    )
    for library in wheels.glob("pywin32_system32/*.dll"):
        shutil.copy(library, folder / "python")
    for pattern in UNUSED:
        for path in wheels.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def put_ours(folder: Path, kind: str) -> None:
    """Copy our own modules, with the web files and texts that are made beforehand."""
    target = folder / "lovhub"
    skipped = shutil.ignore_patterns("__pycache__", "*.po", "*.pyc")
    shutil.copytree(ROOT / "lovhub", target, ignore=skipped)
    for name in NOT_ON_A_PC if kind == "pc" else ():
        shutil.rmtree(target / name)


def put_update(library_folder: Path) -> None:
    """The same as an update for PCs that were installed with other libraries (docs/ru/updates.md)."""
    package = make_package(
        library_folder / "lovhub", libraries=library_folder, libraries_for=WHEELS_FOR
    )
    if len(package) > MOST_PACKAGE_BYTES:
        raise SystemExit(f"the update has {len(package)} bytes, and no PC takes as many")
    (OUTPUT / f"lovhub-pc-{lovhub.__version__}.zip").write_bytes(package)


def build(kind: str, official: Path | None) -> Path:
    """One installer, `pc` or `server`; returns its path."""
    folder = OUTPUT / kind
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print(f"{kind}: Windows Python …", flush=True)
    put_python(folder / "python", official)
    print(f"{kind}: wheels …", flush=True)
    put_wheels(folder, ROOT / f"requirements_windows_{kind}.txt")
    put_ours(folder / "lib", kind)
    if kind == "pc":
        put_update(folder / "lib")
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE.txt")
    shutil.copy(ROOT / "docs" / "licences.md", folder / "licences.txt")
    if kind == "pc":
        shutil.copy(HERE / "applocker.xml", folder)
    suffix = "" if official else "-test"
    installer = OUTPUT / f"lovhub-{kind}-{lovhub.__version__}{suffix}.exe"
    print(f"{kind}: installer …", flush=True)
    subprocess.run(
        [
            "makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8",
            f"-DVERSION={lovhub.__version__}{suffix}",
            f"-DFILES={folder}",
            f"-DOUT={installer}",
            str(HERE / f"{kind}.nsi"),
        ],
        check=True,
    )  # fmt: skip
    shutil.rmtree(folder)
    sign(installer)
    return installer


def sign(installer: Path) -> None:
    """Sign the installer if a certificate is given."""
    certificate = os.environ.get("SIGN_CERTIFICATE")
    if not certificate:
        return
    words = ["osslsigncode", "sign", "-h", "sha256", "-pkcs12", certificate, "-n", "LoVHub"]
    if password := os.environ.get("SIGN_PASSWORD_FILE"):
        words += ["-readpass", password]
    if timestamp := os.environ.get("SIGN_TIMESTAMP"):
        words += ["-ts", timestamp]
    signed = installer.with_suffix(".signed")
    subprocess.run([*words, "-in", installer, "-out", signed], check=True)
    signed.replace(installer)


def main() -> None:
    """Build both, or those named on the command line."""
    official = python_zip()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for kind in sys.argv[1:] or KINDS:
        installer = build(kind, official)
        print(f"{installer.relative_to(ROOT)}: {installer.stat().st_size / 2**20:.0f} MB")
    if official is None:
        print(
            "These are for tests: they hold the Python that the tests use (see packaging/windows)."
        )


if __name__ == "__main__":
    main()
