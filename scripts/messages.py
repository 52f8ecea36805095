"""Collect the texts of the programs and compile their translations.

    messages.py update    collect Russian texts from the code into every catalogue
    messages.py compile   make the .mo files that the programs read

The texts in the code are Russian, so the catalogues are for the other languages only.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ["kk", "en"]
# Where each program keeps its catalogues, and the folders whose texts go into them.
PROGRAMS = {
    "lovhub/server/web/translations": ["lovhub/server"],
    "lovhub/launcher/translations": ["lovhub/launcher", "lovhub/agent"],
}


def pybabel(*words: str) -> None:
    """Run pybabel from the same environment as this script; its errors end the script."""
    program = Path(sys.executable).parent / "pybabel"
    subprocess.run([program, "--quiet", *words], cwd=ROOT, check=True)


def extract(folder: str, template: Path) -> None:
    """Collect the texts of the program whose catalogues are in `folder`."""
    template.parent.mkdir(parents=True, exist_ok=True)
    pybabel(
        "extract",
        "--mapping=pyproject.toml",
        "--sort-by-file",
        "--no-location",
        "--project=LoVHub",
        "--keyword=_l",
        "--keyword=lazy_gettext",
        f"--output-file={template}",
        *PROGRAMS[folder],
    )


def update() -> None:
    """Bring every catalogue up to the texts that the code holds now; start missing ones."""
    for folder in PROGRAMS:
        template = ROOT / "build" / "messages" / f"{Path(folder).parts[1]}.pot"
        extract(folder, template)
        for language in LANGUAGES:
            catalogue = ROOT / folder / language / "LC_MESSAGES" / "messages.po"
            command = "update" if catalogue.exists() else "init"
            # Keep a catalogue unchanged when no text changed, and never guess a translation.
            careful = ["--ignore-pot-creation-date", "--no-fuzzy-matching", "--ignore-obsolete"]
            pybabel(
                command,
                f"--input-file={template}",
                f"--output-dir={folder}",
                f"--locale={language}",
                *(careful if command == "update" else []),
            )


def compile_catalogues() -> None:
    """Compile every catalogue that exists."""
    for folder in PROGRAMS:
        if list((ROOT / folder).glob("*/LC_MESSAGES/*.po")):
            pybabel("compile", "--statistics", f"--directory={folder}")


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description="Texts of LoVHub in other languages")
    parser.add_argument("command", choices=["update", "compile"])
    command = parser.parse_args().command
    if command == "update":
        update()
    else:
        compile_catalogues()


if __name__ == "__main__":
    main()
