"""What `[Kaspi]` may say, and why the server does not start."""

from pathlib import Path

import pytest

from lovhub import config_loader
from lovhub.server import refusal
from lovhub.server.payments import settings
from lovhub.server.refusal import StartRefused

BILLER = {
    "Mode": "biller",
    "AllowedIPs": "194.187.247.152, 194.187.245.108",
    "PathSecret": "0123456789abcdef",
}


def read(folder: Path, **lines: str) -> settings.Payments:
    text = "[Kaspi]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items())
    path = folder / "config.ini"
    path.write_text(text, encoding="utf-8")
    return settings.read(config_loader.load(path), folder)


def refused(folder: Path, **lines: str) -> tuple[str, object]:
    with pytest.raises(StartRefused) as error:
        read(folder, **lines)
    sentence = refusal.sentence(error.value)
    assert sentence is not None
    assert "[Kaspi]" in sentence
    secrets = [value for name, value in lines.items() if "Secret" in name or "Key" in name]
    assert not any(secret in sentence for secret in secrets if secret)
    return error.value.code, error.value.values.get("option")


def test_without_a_mode_nobody_is_asked(folder: Path) -> None:
    assert read(folder).main is None
    assert read(folder, Mode="off").main is None
    assert read(folder, PublicKey="pk", PrivateKey="sk").main is None


def test_the_modes_make_their_providers(folder: Path) -> None:
    assert list(read(folder, Mode="manual").providers or ()) == ["manual"]
    payments = read(folder, **BILLER)
    assert payments.named("biller") is payments.main
    assert payments.named("manual") is None
    assert read(folder, **{**BILLER, "PathSecret": "off", "ResponseFormat": "XML"}).main


@pytest.mark.parametrize(
    ("changed", "refusal_of"),
    [
        ({"AllowedIPs": ""}, ("kaspi_missing", "AllowedIPs")),
        ({"AllowedIPs": "kaspi.kz"}, ("kaspi_wrong", "AllowedIPs")),
        ({"AllowedIPs": "0.0.0.0/0"}, ("kaspi_wrong", "AllowedIPs")),
        ({"PathSecret": ""}, ("kaspi_missing", "PathSecret")),
        ({"PathSecret": "short"}, ("kaspi_short", "PathSecret")),
        ({"TrustedProxies": "proxy"}, ("kaspi_wrong", "TrustedProxies")),
        ({"ResponseFormat": "yaml"}, ("kaspi_wrong", "ResponseFormat")),
    ],
)
def test_a_biller_that_would_trust_anybody_does_not_start(
    folder: Path, changed: dict[str, str], refusal_of: tuple[str, str]
) -> None:
    assert refused(folder, **{**BILLER, **changed}) == refusal_of
