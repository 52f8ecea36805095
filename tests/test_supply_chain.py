"""An audit that heard nothing says so, and one commit makes one wheel."""

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
FLASK = {"name": "flask", "version": "3.1.0", "vulns": []}
HOLE = {"id": "PYSEC-1", "fix_versions": ["3.1.1"], "aliases": [], "description": ""}
NPM_HOLE = {"severity": "high", "range": "<2"}
NPM = {"metadata": {"dependencies": {"total": 3}}, "vulnerabilities": {}}


def script(name: str) -> ModuleType:
    spec = spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("asks", "report", "code", "said"),
    [
        ("of_python", json.dumps({"dependencies": [FLASK]}), 0, "1 asked about, no hole is known"),
        (
            "of_python", json.dumps({"dependencies": [{**FLASK, "vulns": [HOLE]}]}), 1,
            "flask 3.1.0: PYSEC-1, mended in 3.1.1",
        ),
        ("of_python", json.dumps({"dependencies": [{"name": "x", "skip_reason": "no"}]}), 2, "NOT AUDITED"),
        ("of_python", json.dumps({"dependencies": []}), 2, "NOT AUDITED"),
        ("of_python", "", 2, "ERROR: not found"),
        ("of_npm", json.dumps(NPM), 0, "3 asked about, no hole is known"),
        ("of_npm", json.dumps({**NPM, "vulnerabilities": {"htmx": NPM_HOLE}}), 1, "htmx: high, <2"),
        ("of_npm", json.dumps({"message": "405 not allowed"}), 2, "was to be had here (405 not allowed)"),
        ("of_npm", "", 2, "NOT AUDITED"),
    ],
)  # fmt: skip
def test_an_audit_that_heard_nothing_is_no_good_news(
    asks: str, report: str, code: int, said: str
) -> None:
    verdict = getattr(script("audit"), asks)(report, "Looking\nERROR: not found\n")
    assert verdict.code == code
    assert said in "\n".join(verdict.lines)


def test_two_builds_of_one_commit_are_one_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = script("wheel")
    monkeypatch.setattr(wheel, "TARGET", tmp_path)
    monkeypatch.setattr(wheel.os, "umask", lambda _mask: 0o022)  # of a process of its own
    assert wheel.main() == 0, capsys.readouterr().out
    assert [file.suffix for file in tmp_path.iterdir()] == [".whl"]
