"""Every package that is shipped has a licence that goes with ours, and stands in docs/licences.md and in the SBOM."""

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from lovhub import __version__

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "licences.py"


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    spec = spec_from_file_location("licences", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["licences"] = module
    spec.loader.exec_module(module)
    return module


def test_all_of_them_go_with_ours_and_are_told(licences: ModuleType) -> None:
    found = licences.packages()
    assert {"flask", "pyside6-essentials", "pywin32", "htmx.org"} <= {one.name for one in found}
    assert [one.name for one in found if not one.may_be_shipped] == []
    assert licences.DOCUMENT.read_text("utf-8") == licences.document(), "run scripts/licences.py"


@pytest.mark.parametrize(
    ("licence", "may"),
    [
        ("MIT", True),
        ("GPL-2.0-only", False),
        ("LGPL-3.0-only OR GPL-2.0-only", True),
        ("MIT AND GPL-2.0-only", False),
        ("Apache-2.0 AND BSD-2-Clause", True),
        ("?", False),
        ("Proprietary", False),
    ],
)
def test_what_may_be_shipped(licences: ModuleType, licence: str, may: bool) -> None:
    assert licences.Package("x", "1", "PyPI", licence).may_be_shipped is may


def test_the_list_of_packages_is_whole(licences: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "lovhub.cdx.json"
    # As make does it: where nothing but the script's own folder is on the path.
    words = [sys.executable, str(SCRIPT), "sbom", str(file)]
    subprocess.run(words, cwd=tmp_path, env={}, check=True, timeout=60)
    bill = json.loads(file.read_text("utf-8"))
    assert bill["metadata"]["component"]["version"] == __version__
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    addresses = [component["purl"] for component in bill["components"]]
    assert len(set(addresses)) == len(addresses) == len(licences.packages())
    assert any(address.startswith("pkg:npm/%40tabler/core@") for address in addresses)
    assert bill["dependencies"][0]["dependsOn"] == addresses
    by_npm = [one for one in bill["components"] if one["purl"].startswith("pkg:npm/")]
    assert all(len(one["hashes"][0]["content"]) == 128 for one in by_npm)
