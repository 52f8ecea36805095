"""What `[Kaspi]` may say, and why the server does not start."""

import time
from pathlib import Path

import pytest

from lovhub import config_loader
from lovhub.server import refusal
from lovhub.server.certificate import ensure_certificate
from lovhub.server.payments import settings
from lovhub.server.payments.providers.gateway import GatewayProvider
from lovhub.server.payments.providers.tiptop import TipTopProvider
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
        ({"AllowedIPs": "0.0.0.0/1, 128.0.0.0/1"}, ("kaspi_wrong", "AllowedIPs")),
        ({"AllowedIPs": "::/1"}, ("kaspi_wrong", "AllowedIPs")),
        ({"AllowedIPs": ","}, ("kaspi_wrong", "AllowedIPs")),
        ({"TrustedProxies": "0.0.0.0/0"}, ("kaspi_wrong", "TrustedProxies")),
        ({"PathSecret": "0123456789/abcdef"}, ("kaspi_wrong", "PathSecret")),
        ({"PathSecret": "придумайте-не-короче"}, ("kaspi_wrong", "PathSecret")),
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


GATEWAY = {
    "Mode": "gateway",
    "GatewayUrl": "https://bpapi.bazarbay.site/api/v1",
    "GatewayApiKey": "api-key",
    "WebhookSecret": "whsec_0123456789abcdef",
}
R1 = {
    "Mode": "qr_r1",
    "BaseUrl": "https://mtokentest.kaspi.kz:8543/r1/v01",
    "DeviceToken": "2be4cc91-5895-48f8-8bc2-86c7bd419b3b",
    "ApiKey": "test_0123456789abcdef",
}
R3 = {
    "Mode": "qr_r3",
    "BaseUrl": R1["BaseUrl"],
    "DeviceToken": R1["DeviceToken"],
    "OrganizationBin": "180340021791",
    "CertFile": "kaspi.pem",
    "KeyFile": "kaspi.key",
}
FAKE = {
    "Mode": "fake",
    "BaseUrl": "http://127.0.0.1:5900/r3/v01",
    "GatewayUrl": "http://127.0.0.1:5900/gateway",
    "GatewayApiKey": "made-for-a-demo",
    "DeviceToken": "demo",
    "OrganizationBin": "000000000000",
    "PathSecret": "0123456789abcdef",
    "WebhookSecret": "0123456789abcdef",
}


def test_the_old_guides_keys_stand_for_a_gateways(folder: Path) -> None:
    url = {"Mode": "gateway", "GatewayUrl": GATEWAY["GatewayUrl"]}
    keys = {"PublicKey": "pk_live_1", "PrivateKey": "0123456789abcdef"}
    assert isinstance(read(folder, **url, **keys).main, GatewayProvider)
    tiptop = read(folder, **url, **keys, GatewayForm="tiptop").main
    assert isinstance(tiptop, TipTopProvider)
    assert refused(folder, **url, PublicKey="ВАШ_КЛЮЧ") == ("kaspi_missing", "GatewayApiKey")


@pytest.mark.parametrize(
    ("lines", "changed", "refusal_of"),
    [
        (GATEWAY, {"WebhookSecret": ""}, ("kaspi_missing", "WebhookSecret")),
        (GATEWAY, {"WebhookSecret": "short"}, ("kaspi_short", "WebhookSecret")),
        (GATEWAY, {"GatewayUrl": "http://gateway.kz"}, ("kaspi_wrong", "GatewayUrl")),
        (GATEWAY, {"GatewayUrl": "https://gateway.kz:99999"}, ("kaspi_wrong", "GatewayUrl")),
        (GATEWAY, {"GatewayUrl": "https://"}, ("kaspi_wrong", "GatewayUrl")),
        (
            GATEWAY,
            {"WebhookSecret": "секрет-вебхука-из-кабинета"},
            ("kaspi_wrong", "WebhookSecret"),
        ),
        (GATEWAY, {"GatewayApiKey": "ключ-из-кабинета"}, ("kaspi_wrong", "GatewayApiKey")),
        (GATEWAY, {"GatewayForm": "soap"}, ("kaspi_wrong", "GatewayForm")),
        (R1, {"ApiKey": ""}, ("kaspi_missing", "ApiKey")),
        (R1, {"DeviceToken": ""}, ("kaspi_missing", "DeviceToken")),
        (R1, {"BaseUrl": "http://qr.kaspi.kz/r1/v01"}, ("kaspi_wrong", "BaseUrl")),
        (R3, {"CertFile": ""}, ("kaspi_missing", "CertFile")),
        (R3, {}, ("kaspi_certificate", "CertFile")),
        (FAKE, {}, ("kaspi_fake", "Mode")),
    ],
)
def test_a_mode_without_what_it_stands_on_does_not_start(
    folder: Path, lines: dict[str, str], changed: dict[str, str], refusal_of: tuple[str, str]
) -> None:
    assert refused(folder, **{**lines, **changed}) == refusal_of


POS = {"Mode": "pos", "BaseUrl": "https://192.168.1.50:8080", "CaFile": "terminal.pem"}


@pytest.mark.parametrize(
    ("lines", "option"),
    [
        (lines, option)
        for lines in (BILLER, GATEWAY, {**GATEWAY, "GatewayForm": "tiptop"}, R1, R3, POS, FAKE)
        for option in lines
        if option not in {"Mode", "GatewayForm"}
    ],
)
def test_no_mode_does_without_any_of_its_lines(
    folder: Path, lines: dict[str, str], option: str
) -> None:
    """In a demonstration the bank that is none is no exception."""
    (folder / config_loader.DEMO_FOLDER_MARK).touch()
    for name in ("kaspi.pem", "kaspi.key", "terminal.pem"):
        made = ensure_certificate(folder, time.time())
        path = made.key_path if name.endswith("key") else made.cert_path
        (folder / name).write_bytes(path.read_bytes())
    assert read(folder, **lines).main is not None
    assert refused(folder, **{**lines, option: ""}) == ("kaspi_missing", option)
    if option.endswith("File"):
        (folder / lines[option]).write_bytes(b"")
        assert refused(folder, **lines)[0] == "kaspi_certificate"


def test_a_certificate_from_files_opens_r3(folder: Path) -> None:
    made = ensure_certificate(folder, time.time())
    files = {"CertFile": made.cert_path.name, "KeyFile": str(made.key_path)}
    assert read(folder, **{**R3, **files}).main is not None
    assert read(folder, **R1).main is not None


def test_the_bank_that_is_none_works_in_a_demonstration_and_on_this_computer_only(
    folder: Path,
) -> None:
    (folder / config_loader.DEMO_FOLDER_MARK).touch()
    payments = read(folder, **FAKE)
    assert set(payments.providers or ()) == {"fake", "biller", "gateway"}
    for option in ("BaseUrl", "GatewayUrl"):
        elsewhere = {**FAKE, option: "http://192.168.1.5:5900/r3/v01"}
        assert refused(folder, **elsewhere) == ("kaspi_wrong", option)


def test_a_terminal_is_trusted_by_its_own_certificate_only(folder: Path) -> None:
    certificate = ensure_certificate(folder, time.time())
    pos = {"Mode": "pos", "BaseUrl": "https://192.168.1.50:8080"}
    payments = read(folder, **pos, CaFile=certificate.cert_path.name)
    assert (payments.at_desk, payments.needs_phone) == ("code", False)
    assert refused(folder, **pos) == ("kaspi_missing", "CaFile")
    assert refused(folder, **pos, CaFile="none.pem") == ("kaspi_certificate", "CaFile")
    plain = {**pos, "BaseUrl": "http://192.168.1.50:8080"}
    assert refused(folder, **plain, CaFile=certificate.cert_path.name) == ("kaspi_wrong", "BaseUrl")


def test_what_a_player_may_ask_for_is_the_owners_to_say(folder: Path) -> None:
    usual = read(folder, Mode="manual").at_pc
    assert (usual.smallest_tiyn, usual.largest_tiyn) == (100_00, 100_000_00)
    own = read(folder, Mode="manual", PcTopUpFrom="500", PcTopUpTo="20 000", ServiceName="Arena")
    assert (own.at_pc.smallest_tiyn, own.at_pc.largest_tiyn) == (500_00, 20_000_00)
    assert own.service == "Arena"
    for line, value in (("PcTopUpFrom", "много"), ("PcTopUpTo", "99"), ("PcTopUpTo", "9999999")):
        assert refused(folder, Mode="manual", **{line: value}) == ("kaspi_wrong", line)
