"""Write docs/licences.md: under which licence each package stands that LoVHub is shipped with.

And, with `sbom FILE`, a CycloneDX list of those packages. Both are made of the pinned requirements, of what the
installed packages say of themselves, and of frontend/package-lock.json; nothing is asked of the internet. Run it
after `make requirements`; a test compares.
"""

import base64
import importlib.metadata
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "licences.md"
SHIPPED = ("requirements_server.txt", "requirements_client.txt")

BY_HAND = {
    "blinker": "MIT",
    "defusedxml": "PSF-2.0",
    "flask-wtf": "BSD-3-Clause",
    "itsdangerous": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "pywin32": "PSF-2.0",
    "segno": "BSD-3-Clause",
    "uvloop": "MIT OR Apache-2.0",
    "wtforms": "BSD-3-Clause",
    "pyside6-essentials": "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
    "shiboken6": "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
    "dejavu-fonts-ttf": "Bitstream-Vera",
}
"""Packages that say it in no form that a program understands, or are not installed here (Windows)."""

COMPATIBLE = frozenset(
    {
        "0BSD", "Apache-2.0", "Bitstream-Vera", "BSD-2-Clause", "BSD-3-Clause", "ISC", "LGPL-2.1-or-later",
        "LGPL-3.0-only", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0",
    }
)  # fmt: skip
"""What may be shipped with a program under the AGPL, version 3 or later."""

NOT_SHIPPED = frozenset({"axe-core"})
"""npm packages that only tests use."""

BEGINNING = """\
# Licences of what LoVHub is shipped with

LoVHub itself stands under the GNU Affero General Public License, version 3 or later (`LICENSE`). Written by
`scripts/licences.py`, which tells of a package whose licence does not go with that one. The packages' own licence texts
lie beside them: in `*.dist-info` of the Python packages, in `static/vendor/LICENSES.txt` for the web admin.

| Package | From | Licence |
|---|---|---|
"""


@dataclass(frozen=True, order=True)
class Package:
    """A package that is shipped. `sha512`: of its npm archive; PyPI's are many, and stand in the requirements."""

    name: str
    version: str
    source: str
    licence: str
    sha512: str = ""

    @property
    def purl(self) -> str:
        """Its address as a Package URL."""
        kind = {"PyPI": "pypi", "npm": "npm"}[self.source]
        return f"pkg:{kind}/{self.name.replace('@', '%40')}@{self.version}"

    @property
    def may_be_shipped(self) -> bool:
        """Whether one of the licences to choose from goes with ours, whole."""
        return any(
            set(re.split(r"\s+AND\s+", choice.strip(" ()"))) <= COMPATIBLE
            for choice in re.split(r"\s+OR\s+", self.licence)
        )


def packages() -> list[Package]:
    """All of them, by name."""
    return sorted([*_of_python(), *_of_npm()])


def _of_python() -> list[Package]:
    pinned = {}
    for file in SHIPPED:
        text = (ROOT / file).read_text("utf-8")
        pinned.update(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", text, re.MULTILINE))
    return [Package(name, version, "PyPI", _licence(name)) for name, version in pinned.items()]


def _licence(name: str) -> str:
    if name in BY_HAND:
        return BY_HAND[name]
    about = importlib.metadata.metadata(name)
    return about.get("License-Expression") or about.get("License") or "?"


def _of_npm() -> list[Package]:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text("utf-8"))["packages"]
    wanted = lock[""]["devDependencies"].keys() - NOT_SHIPPED
    found = []
    for name in wanted:
        entry = lock[f"node_modules/{name}"]
        kind, _, digest = entry.get("integrity", "").partition("-")
        sha512 = base64.b64decode(digest).hex() if kind == "sha512" else ""
        licence = BY_HAND.get(name) or entry.get("license", "?")
        found.append(Package(name, entry["version"], "npm", licence, sha512))
    return found


def document() -> str:
    """What docs/licences.md says."""
    return BEGINNING + "".join(
        f"| {package.name} | {package.source} | {package.licence} |\n" for package in packages()
    )


def sbom(version: str) -> dict[str, object]:
    """The same as CycloneDX 1.6, with versions. The same sources make the same list, to the byte."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": "lovhub",
                "version": version,
                "bom-ref": f"lovhub@{version}",
                "licenses": [{"license": {"id": "AGPL-3.0-or-later"}}],
            }
        },
        "components": [
            {
                "type": "library",
                "name": package.name,
                "version": package.version,
                "purl": package.purl,
                "bom-ref": package.purl,
                "licenses": [_choice(package.licence)],
                **(
                    {"hashes": [{"alg": "SHA-512", "content": package.sha512}]}
                    if package.sha512
                    else {}
                ),
            }
            for package in packages()
        ],
        "dependencies": [
            {
                "ref": f"lovhub@{version}",
                "dependsOn": [package.purl for package in packages()],
            }
        ],
    }


def _choice(licence: str) -> dict[str, object]:
    if re.search(r" (OR|AND) ", licence):
        return {"expression": licence}
    return {"license": {"id": licence}}


def _version() -> str:
    """LoVHub's own, read and not imported: a script beside the package does not find it."""
    said = (ROOT / "lovhub" / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "(.+)"$', said, re.MULTILINE)
    if found is None:
        raise SystemExit("lovhub/__init__.py tells no version")
    return found[1]


def main(arguments: list[str]) -> int:
    """Write the document, or the list of packages."""
    wrong = [package for package in packages() if not package.may_be_shipped]
    for package in wrong:
        sys.stderr.write(f"{package.name}: {package.licence} does not go with the AGPL\n")
    if arguments[:1] == ["sbom"]:
        written = json.dumps(sbom(_version()), indent=1, ensure_ascii=False) + "\n"
        Path(arguments[1]).write_text(written, "utf-8")
    else:
        DOCUMENT.write_text(document(), "utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
