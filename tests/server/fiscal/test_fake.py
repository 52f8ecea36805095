"""The operator that is none: a process of its own, believed only in a demonstration's folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lovhub import config_loader
from lovhub.config_loader import DEMO_FOLDER_MARK, Config
from lovhub.server.fiscal import settings
from lovhub.server.fiscal.providers.contract import Document, Line, Refused, Registered, Unknown
from lovhub.server.refusal import StartRefused, sentence
from tests.evening.processes import Program, free_port, lovhub, wait_for


@pytest.fixture
def database_url() -> str:
    """No database: it is about a wire."""
    return ""


def document(key: str, **changes: int) -> Document:
    sums = {"cash_tiyn": 500_00, "card_tiyn": 0, "kaspi_tiyn": 0, "total_tiyn": 500_00, **changes}
    return Document(
        key, "sale", 1, 1_800_000_000, [Line("1 час", 1, 500_00)], **sums,
        vat_percent=None, vat_tiyn=0,
    )  # fmt: skip


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[settings.Fiscal]:
    """A demonstration's folder, and the process that it starts."""
    port = free_port()
    (tmp_path / DEMO_FOLDER_MARK).touch()
    (tmp_path / config_loader.FILE_NAME).write_text(
        f"[Fiscal]\nMode = fake\nBaseUrl = http://127.0.0.1:{port}\nToken = {'t' * 20}\nVatPercent = 12\n"
    )
    program = Program(
        "ofd", lovhub("ofd", "--data", str(tmp_path), "--port", str(port)), dict(os.environ)
    )
    fiscal = settings.read(config_loader.load(tmp_path / config_loader.FILE_NAME), tmp_path)
    assert fiscal.provider is not None
    provider = fiscal.provider

    def answers() -> bool:
        try:
            return provider.find("nothing") is None
        except Unknown:
            return False

    try:
        wait_for("the operator answers", answers)
        yield fiscal
    finally:
        program.stop()
    with pytest.raises(Unknown):
        provider.find("nothing")


def test_it_takes_a_document_once_however_often_it_comes(demo: settings.Fiscal) -> None:
    provider = demo.provider
    assert provider is not None
    assert demo.vat_percent == 12
    first = provider.send(document("a"))
    assert provider.send(document("a")) == provider.find("a") == first
    assert provider.send(document("b")) != first
    with pytest.raises(Refused, match="ways of paying"):
        provider.send(document("c", cash_tiyn=400_00))
    assert provider.find("c") is None
    assert isinstance(first, Registered)
    assert first.check_url.endswith(first.fiscal_number)


@pytest.mark.parametrize(
    ("values", "is_demo", "code"),
    [
        ({}, False, ""),
        ({"mode": "off"}, False, ""),
        ({"mode": "webkassa"}, False, "fiscal_mode"),
        ({"mode": "fake", "baseurl": "http://127.0.0.1:1", "token": "t"}, False, "fiscal_fake"),
        ({"mode": "fake", "baseurl": "http://10.0.0.1:1", "token": "t"}, True, "fiscal_wrong"),
        ({"mode": "fake", "baseurl": "http://127.0.0.1:1"}, True, "fiscal_wrong"),
        (
            {"mode": "fake", "baseurl": "http://[::1]:1", "token": "t", "vatpercent": "99"},
            True,
            "fiscal_wrong",
        ),
    ],
)
def test_a_production_server_does_not_start_with_it(
    tmp_path: Path, values: dict[str, str], code: str, *, is_demo: bool
) -> None:
    if is_demo:
        (tmp_path / DEMO_FOLDER_MARK).touch()
    if not code:
        assert settings.read(Config(fiscal=values), tmp_path).provider is None
        return
    with pytest.raises(StartRefused) as refused:
        settings.read(Config(fiscal=values), tmp_path)
    assert refused.value.code == code
    assert "[Fiscal]" in (sentence(refused.value) or "")
