"""What a PC's package names as its libraries is what the PC's installer brings."""

import re
import tomllib
from pathlib import Path

import pytest

from lovhub import package

ROOT = Path(__file__).parents[1]


def pinned(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize("requirements", ["requirements_client.txt", "requirements_windows_pc.txt"])
def test_a_packages_libraries_are_those_that_are_pinned(requirements: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["client"]]
    named = {**package.LIBRARIES, **package.LIBRARIES_OF_WINDOWS}
    assert set(named) == {re.split(r"[^\w-]", word)[0].lower() for word in wanted}
    versions = pinned(requirements)
    assert named == {name: versions[name] for name in named}
