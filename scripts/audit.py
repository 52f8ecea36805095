"""Asks the internet whether a package that we ship has a known hole, and says plainly when nobody answered.

Before, it is asked the same of a list on this machine (`audit_proof.py`) that names a package of ours, and of one that
names none: whoever would not find that hole is not believed. Then whoever is to answer is asked about a package whose
hole has been in every list for years: one that answers with nothing to everything, as an empty mirror does, knows
nothing of ours either. `--osv URL` asks a database that speaks OSV's language in place of PyPI's pages.

0: none is known; 1: there is one, or a list of packages that is no CycloneDX; 2: not heard, so nothing is known.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit_proof import advisories

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ("requirements_server.txt", "requirements_client.txt")
PIP_AUDIT = "pip-audit==2.10.1"

HOLED_PYTHON = ("requests", "2.19.0")
"""CVE-2018-18074."""

HOLED_NPM = ("lodash", "4.17.20")
"""CVE-2021-23337."""

CYCLONEDX = "cyclonedx-python-lib[json-validation]==11.12.0"

VALIDATION = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1], encoding="utf-8").read())
sys.exit(str(wrong) if wrong else 0)
"""

NONE_KNOWN, FOUND, NOT_HEARD = 0, 1, 2


@dataclass(frozen=True)
class Verdict:
    """What came of asking one of them, and the lines that say so."""

    code: int
    lines: tuple[str, ...]


def of_python(report: str, said: str) -> Verdict:
    """What pip-audit's JSON report says; where there is none, what it said instead."""
    try:
        rows = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return not_heard("Python packages", said)
    skipped = [row["name"] for row in rows if "skip_reason" in row]
    if skipped or not rows:
        return not_heard("Python packages", f"skipped: {', '.join(skipped)}")
    holes = [
        f"{row['name']} {row['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'none yet'}"
        for row in rows
        for hole in row["vulns"]
    ]
    return verdict("Python packages", len(rows), holes)


def of_npm(report: str, said: str) -> Verdict:
    """What npm's JSON report says; where there is none, what it said instead."""
    told: Mapping[str, Any] = {}
    try:
        told = json.loads(report)
        number = told["metadata"]["dependencies"]["total"]
        holes = [
            f"{name}: {hole['severity']}, {hole['range']}"
            for name, hole in told["vulnerabilities"].items()
        ]
    except (ValueError, KeyError, TypeError):
        return not_heard("npm packages", told.get("message") or said)
    return verdict("npm packages", number, holes)


def verdict(of: str, number: int, holes: list[str]) -> Verdict:
    """What is said of packages that somebody knows."""
    if holes:
        return Verdict(FOUND, (f"{of}: {len(holes)} known holes", *holes))
    return Verdict(NONE_KNOWN, (f"{of}: {number} asked about, no hole is known",))


def not_heard(of: str, said: str) -> Verdict:
    """What is said where nobody answered: no list of holes is no absence of holes."""
    last = (said.strip().splitlines() or ["no word"])[-1]
    return Verdict(
        NOT_HEARD,
        (
            f"{of}: NOT AUDITED, no list of known holes was to be had here ({last})",
            "  This says nothing about holes. Ask again where the internet is, without a mirror of packages only.",
        ),
    )


def _run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def _ask_pip_audit(osv: str, *about: str) -> Verdict:
    whom = ["-s", "osv", "--osv-url", osv] if osv else []
    asked = _run(
        str(ROOT / ".venv" / "bin" / "uv"), "tool", "run", PIP_AUDIT, "--strict", "--disable-pip",
        "--format", "json", *whom, *about,
    )  # fmt: skip
    return of_python(asked.stdout, asked.stderr)


def ask_python(osv: str) -> Verdict:
    """What pip-audit says of the packages that the programs run with. `osv`: see `--osv`; "": PyPI's pages."""
    files = [word for file in REQUIREMENTS for word in ("-r", file)]
    return _ask_pip_audit(osv, "--require-hashes", *files)


def ask_python_of_holed(osv: str) -> Verdict:
    """The same of one that has a hole."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text("==".join(HOLED_PYTHON) + "\n", encoding="utf-8")
        return _ask_pip_audit(osv, "--no-deps", "-r", str(file))


def ask_npm(registry: str = "", folder: str = "frontend") -> Verdict:
    """What npm says of the packages of a folder: those that the pages are built of."""
    npm = shutil.which("npm")
    if npm is None:
        return not_heard("npm packages", "npm was not found")
    whom = {"npm_config_registry": registry} if registry else {}
    asked = _run(npm, "--prefix", folder, "audit", "--json", **whom)
    return of_npm(asked.stdout, asked.stderr)


def ask_npm_of_holed(registry: str = "") -> Verdict:
    """The same of one that has a hole."""
    name, version = HOLED_NPM
    wanted = {"name": "holed", "version": "1.0.0", "dependencies": {name: version}}
    packages = {"": wanted, f"node_modules/{name}": {"version": version}}
    lock = {**wanted, "lockfileVersion": 3, "requires": True, "packages": packages}
    with tempfile.TemporaryDirectory() as folder:
        for file, said in (("package.json", wanted), ("package-lock.json", lock)):
            (Path(folder) / file).write_text(json.dumps(said), encoding="utf-8")
        return ask_npm(registry, folder)


def proved(of: str, ask: Callable[[str], Verdict], named: str) -> Verdict | None:
    """None where a hole in `named` is found, and none where there is none; else what to say of it."""
    for package, code in ((named, FOUND), ("", NONE_KNOWN)):
        with advisories(package) as known:
            answer = ask(known.address)
        if answer.code != code:
            return not_heard(of, f"the proof failed: {answer.lines[0]}")
    return None


def knowing(of: str, holed: tuple[str, str], answer: Verdict) -> Verdict | None:
    """None where the hole of `holed` is in the `answer` about it; else what to say of whoever answered so."""
    if answer.code != NONE_KNOWN:
        return None if answer.code == FOUND else answer
    return not_heard(
        of, f"whoever answered knows nothing: {' '.join(holed)} has a hole, and none was told of"
    )


def _sbom() -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lovhub.cdx.json"
        _run(sys.executable, "scripts/licences.py", "sbom", str(file))
        uv = str(ROOT / ".venv" / "bin" / "uv")
        asked = _run(
            uv, "run", "--no-project", "--with", CYCLONEDX, "python", "-c", VALIDATION, str(file)
        )
    if asked.returncode == 0:
        return Verdict(NONE_KNOWN, ("SBOM: as CycloneDX 1.6 wants it",))
    return Verdict(FOUND, ("SBOM: not shown to be CycloneDX 1.6", asked.stderr.strip()[-500:]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask all of them; the worst answer counts, and a hole more than silence."""
    parser = argparse.ArgumentParser(
        description="Asks whether a package that we ship has a known hole."
    )
    parser.add_argument(
        "--osv", default="", metavar="URL", help="ask this database, in OSV's language"
    )
    options = parser.parse_args(arguments)
    verdicts = [
        proved("Python packages", ask_python, "flask")
        or knowing("Python packages", HOLED_PYTHON, ask_python_of_holed(options.osv))
        or ask_python(options.osv),
        proved("npm packages", ask_npm, "htmx.org")
        or knowing("npm packages", HOLED_NPM, ask_npm_of_holed())
        or ask_npm(),
        _sbom(),
    ]
    for line in (line for verdict_ in verdicts for line in verdict_.lines):
        print(line)
    codes = {verdict_.code for verdict_ in verdicts}
    return next((code for code in (FOUND, NOT_HEARD) if code in codes), NONE_KNOWN)


if __name__ == "__main__":
    sys.exit(main())
