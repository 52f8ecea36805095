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


@pytest.fixture(autouse=True)
def _scripts_find_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(SCRIPTS)


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


@pytest.mark.parametrize(("named", "code"), [("htmx.org", 1), ("", 0), ("left-pad", 0)])
def test_npm_finds_a_hole_where_a_list_tells_of_one(named: str, code: int) -> None:
    audit = script("audit")
    with audit.advisories(named) as known:
        verdict = audit.ask_npm(known.address)
    assert verdict.code == code, verdict
    assert code == 0 or "htmx.org: high" in "\n".join(verdict.lines)


@pytest.mark.parametrize("codes", [(0, 0), (1, 1), (2, 0)])
def test_whoever_would_not_find_a_hole_is_not_believed(codes: tuple[int, int]) -> None:
    audit = script("audit")
    answers = iter(codes)
    unproved = audit.proved("npm", lambda _url: audit.Verdict(next(answers), ("said",)), "flask")
    assert unproved.code == audit.NOT_HEARD
    answers = iter((1, 0))
    assert audit.proved("npm", lambda _url: audit.Verdict(next(answers), ()), "flask") is None


@pytest.mark.parametrize("named", ["lodash", ""])
def test_whoever_knows_of_no_hole_at_all_is_not_believed(named: str) -> None:
    audit = script("audit")
    with audit.advisories(named) as known:
        answer = audit.ask_npm_of_holed(known.address)
    unknowing = audit.knowing("npm packages", audit.HOLED_NPM, answer)
    if named:
        assert unknowing is None, answer
    else:
        assert unknowing.code == audit.NOT_HEARD
        assert "knows nothing: lodash 4.17.20 has a hole" in unknowing.lines[0]


@pytest.mark.parametrize("side", ["python", "npm"])
def test_ours_are_not_even_asked_about_then(
    side: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = script("audit")
    clean = audit.Verdict(audit.NONE_KNOWN, ("no hole is known",))
    found = audit.Verdict(audit.FOUND, ("one hole",))
    monkeypatch.setattr(audit, "proved", lambda *_: None)
    monkeypatch.setattr(audit, "_sbom", lambda: clean)
    for one in ("python", "npm"):
        monkeypatch.setattr(audit, f"ask_{one}", lambda *_: clean)
        monkeypatch.setattr(audit, f"ask_{one}_of_holed", lambda *_: found)
    assert audit.main([]) == audit.NONE_KNOWN
    capsys.readouterr()
    monkeypatch.setattr(audit, f"ask_{side}_of_holed", lambda *_: clean)
    assert audit.main([]) == audit.NOT_HEARD
    assert "NOT AUDITED" in capsys.readouterr().out


def test_two_builds_of_one_commit_are_one_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = script("wheel")
    monkeypatch.setattr(wheel, "TARGET", tmp_path)
    monkeypatch.setattr(wheel.os, "umask", lambda _mask: 0o022)  # of a process of its own
    monkeypatch.setenv("PYTHONPATH", str(SCRIPTS))
    assert wheel.main() == 0, capsys.readouterr().out
    assert [file.suffix for file in tmp_path.iterdir()] == [".whl"]
