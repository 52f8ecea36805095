"""What takes in what strangers, careless programs and old files say. Each target says what it may answer with."""

import io
import json
import tempfile
import zipfile
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
from defusedxml.ElementTree import fromstring
from hypothesis import strategies as st
from msgspec import Raw
from openpyxl import Workbook
from sqlalchemy import func, select

from lovhub import config_loader
from lovhub.clock import ManualClock
from lovhub.config_loader import ConfigError
from lovhub.protocol import lease, maintenance
from lovhub.protocol.channel import ClientFrame, ServerFrame, client_codec, server_codec
from lovhub.protocol.codec import ProtocolError
from lovhub.protocol.entries import Entry, written
from lovhub.protocol.lease import Lease, LeaseRefused, SignedLease
from lovhub.protocol.maintenance import MaintenanceLease
from lovhub.server.channel.handlers import entries_in
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.fiscal import settings as fiscal_settings
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.moving import rules as moving
from lovhub.server.moving.reading import read_table
from lovhub.server.notices import ways
from lovhub.server.payments import reconciling
from lovhub.server.payments import settings as payments_settings
from lovhub.server.payments.providers import signatures
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.providers.contract import RawRequest, Unauthenticated, Unreadable
from lovhub.server.payments.providers.gateway import GatewayProvider
from lovhub.server.payments.providers.tiptop import TipTopProvider
from lovhub.server.payments.rules import networks, payment_number
from lovhub.server.payments.settling import settle
from lovhub.server.refusal import StartRefused
from tests.fuzz.junk import TEXTS, Target, as_json, decode, frames, spoilt, torn
from tests.fuzz.pc_targets import CLUB_KEY, PC_TARGETS
from tests.support.club import People, found_club
from tests.support.databases import new_sqlite

# --- leases ---------------------------------------------------------------------------------------------


def open_signed(said: tuple[bytes, bool]) -> None:
    """Even what the club's key has signed is read with care: another version may have written it."""
    payload, is_signed = said
    for context, reading in (
        (lease._LEASE_CONTEXT, lease.open_lease),
        (maintenance._CONTEXT, maintenance.open_maintenance),
    ):
        signature = CLUB_KEY.sign(context + payload) if is_signed else payload[:64]
        with suppress(LeaseRefused):
            opened = reading(  # type: ignore[operator]
                SignedLease(payload, signature),
                identity_key=CLUB_KEY.public_key().public_bytes_raw(),
                computer_id=1,
            )
            assert is_signed, f"nobody has signed {opened}"


# --- config.ini -----------------------------------------------------------------------------------------

LINES = st.one_of(
    st.sampled_from(
        ["[Admin]", "[Flask]", "[Kaspi]", "[Database]", "[Mail]", "[Telegram]", "[Fiscal]", "[DEFAULT]",
         "[Healthchecks]", "[Metrics]", "[Client]", "[", "]", "=", "Mode", " продолжение", "\ufeff", "; всё", "\0"]
    ),
    st.tuples(
        st.sampled_from(
            ["AdminUsername", "AdminPassword", "SecretKey", "Mode", "Url", "PathSecret", "AllowedIps", "ApiKey",
             "WebhookSecret", "PcTopUpFrom", "PcTopUpTo", "Host", "Port", "From", "Token", "TrustedProxies", "Server",
             "ResponseFormat", "Certificate", "Terminal", "PublicId", "ApiSecret", "Dialect", "BaseUrl"]
        ),
        st.sampled_from([" = ", ":", "="]),
        st.one_of(
            st.sampled_from(
                ["manual", "biller", "gateway", "kaspi_pos", "qr_r1", "qr_r3", "fake", "off", "%(x)s", "${a}", "0",
                 "-1", "10.0.0.0/8", "127.0.0.1", "https://[", "https://x:99999", "postgresql+psycopg://u:p@h:x/d",
                 "x" * 40]
            ),
            TEXTS,
        ),
    ).map("".join),
)  # fmt: skip
CONFIGS = torn(
    st.tuples(
        st.lists(LINES, max_size=12).map("\n".join), st.sampled_from(["utf-8", "utf-16", "cp1251"])
    ).map(lambda said: said[0].encode(said[1], "replace"))
)


def read_config(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.ini"
        path.write_bytes(data)
        with suppress(ConfigError, StartRefused):
            config = config_loader.load(path)
            ways.read(config, path.parent)
            fiscal_settings.read(config, path.parent)
            payments_settings.read(config, path.parent)
        with suppress(ConfigError):
            config_loader.remove_option(path, "Admin", "AdminPassword")
            config_loader.set_option(path, "Flask", "SecretKey", "y" * 40)


# --- what Kaspi's side says ---------------------------------------------------------------------------------

SECRET = "secret-0123456789"


@cache
def _club() -> tuple[ClubContext, int]:
    folder = Path(tempfile.mkdtemp(prefix="lovhub-fuzz-"))
    club = found_club(new_sqlite(folder / "club.sqlite3"), ManualClock())
    return club, People(club).customer(name="Ер\x0bлан <&>")


def _biller(response_format: str) -> BillerProvider:
    return BillerProvider(
        allowed=networks("10.0.0.1"), proxies=networks("10.0.0.2"), path_secret=SECRET,
        response_format=response_format,  # type: ignore[arg-type]
    )  # fmt: skip


PAIRS = st.lists(
    st.tuples(
        st.sampled_from(["command", "txn_id", "txn_date", "account", "sum", "prv_txn", "event", ""]),
        st.one_of(
            st.sampled_from(
                ["pay", "check", "1", "0001", "9" * 18, "9" * 19, "200.00", "0.001", "1e5", "20260101000000",
                 "99999999999999", payment_number(1), payment_number(2)]
            ),
            TEXTS,
        ),
    ),
    max_size=7,
)  # fmt: skip
RIGHT_PAY = st.fixed_dictionaries(
    {"command": st.sampled_from(["pay", "check"]), "txn_id": st.integers(1, 9).map(str),
     "account": st.sampled_from([payment_number(1), "7"]), "sum": st.sampled_from(["200.00", "1", "1000000.01"])}
).map(lambda said: list(said.items()))  # fmt: skip


def kaspi_asks(said: tuple[list[tuple[str, str]], str, str, str]) -> None:
    query, secret, forwarded, response_format = said
    raw = RawRequest("GET", tuple(query), {"x-forwarded-for": forwarded}, b"", "10.0.0.1", secret)
    biller = _biller(response_format)
    club, _customer = _club()
    try:
        biller.authenticate(raw)
    except Unauthenticated:
        return
    assert secret == SECRET
    reply = settle(club, biller, biller.parse(raw))
    if "json" in reply.content_type:  # what was told before is told again as it was
        json.loads(reply.body)
    else:
        fromstring(reply.body)
    _assert_balanced(club)


INVOICES = spoilt(
    st.fixed_dictionaries(
        {
            "event": st.just("invoice.status_changed"),
            "invoice": st.fixed_dictionaries(
                {
                    "id": st.one_of(st.integers(0, 3), TEXTS),
                    "external_order_id": TEXTS,
                    "amount": st.sampled_from(["15000.00", 1, 1.5, "x", None]),
                    "status": st.sampled_from(
                        ["paid", "pending", "refunded", "cancelled", "partially_refunded", ""]
                    ),
                    "is_sandbox": st.booleans(),
                    "refunded_amount": st.one_of(TEXTS, st.floats()),
                    "paid_at": st.sampled_from(["2026-01-01T00:00:00Z", "9999-99", 5]),
                }
            ),
        }
    )
)


def gateway_says(data: bytes) -> None:
    club, _customer = _club()
    header = {"x-webhook-signature": signatures.create_kaspi_signature(data, b"whsec_test")}
    provider = GatewayProvider(_nobody(), api_key="key", webhook_secret="whsec_test")
    header = {provider._signature_header: next(iter(header.values()))}
    _take(club, provider, RawRequest("POST", (), header, data, "6.6.6.6"))


def tiptop_says(said: tuple[bytes, str]) -> None:
    data, event = said
    club, _customer = _club()
    header = {"content-hmac": signatures.content_hmac(data, b"api_secret")}
    provider = TipTopProvider(_nobody(), public_id="pk", api_secret="api_secret")
    _take(club, provider, RawRequest("POST", (("event", event),), header, data, "6.6.6.6"))


def _nobody() -> Any:
    return None


def _take(club: ClubContext, provider: Any, raw: RawRequest) -> None:
    with suppress(Unauthenticated, Unreadable):
        provider.authenticate(raw)
        settle(club, provider, provider.parse(raw))
    _assert_balanced(club)


def _assert_balanced(club: ClubContext, seen: dict[str, int] = {}) -> None:  # noqa: B006
    with club.read() as db:
        postings = db.scalar(select(func.count(LedgerPosting.id))) or 0
        if seen.get("postings") != postings:
            assert check_ledger(db) == []
            seen["postings"] = postings


NOTICES = st.tuples(
    torn(
        st.lists(
            st.tuples(
                st.sampled_from(
                    [
                        "TransactionId",
                        "Amount",
                        "Currency",
                        "InvoiceId",
                        "Status",
                        "DateTime",
                        "TestMode",
                    ]
                ),
                st.one_of(
                    st.sampled_from(
                        ["455", "500.00", "KZT", "Completed", "2026-01-01 00:00:00", "1"]
                    ),
                    TEXTS,
                ),
            ),
            max_size=8,
        ).map(lambda pairs: urlencode(pairs).encode())
    ),
    st.sampled_from(["check", "pay", "fail", "refund", "cancel", "x"]),
)


# --- files ------------------------------------------------------------------------------------------------

CELLS = st.one_of(
    st.sampled_from(
        ["Логин", "Имя", "Телефон", "Баланс", "Часы", "Дата", "Сумма", "Операция", "sniper", "+7 701 123 45 67",
         "1 500,50", "2:30", "-5", "9" * 30, "1e400", "=1+1", "01.01.2026 10:00", "0"]
    ),
    TEXTS,
)  # fmt: skip
TABLES = st.lists(st.lists(CELLS, max_size=6), max_size=8)
CSV = torn(
    st.tuples(
        TABLES,
        st.sampled_from([";", ",", "\t", "|"]),
        st.sampled_from(["utf-8", "cp1251", "utf-16"]),
    ).map(lambda said: "\r\n".join(said[1].join(row) for row in said[0]).encode(said[2], "replace"))
)


def _workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append([cell for cell in row if not isinstance(cell, str) or cell.isprintable()])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@st.composite
def workbooks(draw: st.DrawFn) -> bytes:
    """A workbook with a part of its archive gone, doubled, empty or garbled."""
    whole = _workbook(
        draw(
            st.lists(st.lists(st.one_of(CELLS, st.integers(), st.floats()), max_size=4), max_size=4)
        )
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as before, zipfile.ZipFile(out, "w") as after:
        spoils = draw(st.sampled_from(before.namelist()))
        for name in before.namelist():
            content = before.read(name)
            if name == spoils:
                content = draw(torn(st.just(content)))
                if draw(st.booleans()):
                    continue
            after.writestr(name, content)
    return draw(torn(st.just(out.getvalue())))


def bring_file(content: bytes) -> None:
    with suppress(OperationRefused):
        table = read_table(content)
        reconciling.read_registry(table)
        has_headings, columns = moving.guess(table)
        moving.plan(table, columns, has_headings=has_headings)


def take_entries(said: bytes) -> None:
    """As the server does it: what is an entry of any version goes on as it was said."""
    with suppress(ProtocolError):
        for entry in entries_in((Raw(said),)):
            assert msgspec.json.decode(written(entry)) is not None


TARGETS: dict[str, Target] = {
    "client_frames": (frames(ClientFrame), partial(decode, client_codec)),
    "entries": (frames(Entry), take_entries),
    "server_frames": (frames(ServerFrame), partial(decode, server_codec)),
    "leases": (
        st.tuples(st.one_of(frames(Lease), frames(MaintenanceLease)), st.booleans()),
        open_signed,
    ),
    "config": (CONFIGS, read_config),
    "biller": (
        st.tuples(
            st.one_of(RIGHT_PAY, PAIRS),
            st.sampled_from([SECRET, SECRET, SECRET, "", "ё", SECRET[:-1]]),
            st.one_of(st.just(""), st.sampled_from(["10.0.0.1", "10.0.0.1, x", "::1,"]), TEXTS),
            st.sampled_from(["json", "xml"]),
        ),
        kaspi_asks,
    ),
    "gateway": (torn(INVOICES.map(as_json)), gateway_says),
    "tiptop": (NOTICES, tiptop_says),
    "csv": (CSV, bring_file),
    "xlsx": (workbooks(), bring_file),
    **PC_TARGETS,
}
"""Name → what is sent, and who takes it in: anything raised there is a fault of ours."""
