"""How long heartbeats wait while somebody in the club's network does their worst.

    python -m bench.siege          seven kinds of bad load, one after the other, beside 40 linked PCs, then twice
                                   the load that the club bears (bench/held.py); about three minutes
    python -m bench.siege NAME…    only these, `twice` being the last

Run by `make siege`; docs/security.md says what stops each of them. Each besieger is a process of its own.
"""

import asyncio
import contextlib
import http.client
import json
import os
import resource
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import flood, wire
from bench.hall import Pc, ServedClub, fresh_club, link, trusting
from bench.held import hold
from lovhub.protocol import CHANNEL_PATH
from tests.support.programs import dies_with_the_tests

COMPUTERS = 40
BEAT_SECONDS = 0.5
PHASE_SECONDS = 7.0
LONGER_SECONDS = {"1,000 sign-ins a second": 25.0}
"""Until the first have waited so long for their turn that the next are turned away at once."""

PATIENCE_SECONDS = 20.0
TELL_SECONDS = 1.0
HALF_OPEN = 10_000
ADDRESSES = 500
"""From so many the crowds come: 127.0.1.1 and on; from one, thirty would be let into the door."""
TABS = 50
BESIEGER = "besieger"
TWICE = "twice"
CALM_SECONDS = 10.0
"""After the sieges: the club is to be itself again."""
AT_ONCE = 16
SIGN_INS_A_SECOND = 1_000
HUGE_BYTES = 100 * 1024 * 1024

Attack = Callable[[int, ssl.SSLContext, str, float], None]


# --- besiegers --------------------------------------------------------------------------------------------


def half_requests(port: int, tls: ssl.SSLContext, _token: str, until: float) -> None:
    """Slowloris: as many connections as are let in, each with a head that never ends, a letter at a time."""
    held: list[ssl.SSLSocket] = []
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            one = _connected(port, tls)
            one.sendall(b"POST /admin/login HTTP/1.1\r\nHost: club\r\n")
            held.append(one)
        for one in list(held):
            try:
                one.sendall(b"X")
            except OSError:
                held.remove(one)


def half_open(port: int, _tls: ssl.SSLContext, _token: str, until: float) -> None:
    """Connections that begin no handshake: ten thousand held, and from then on a new one for the oldest."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, HALF_OPEN + 200), hard))
    held: deque[socket.socket] = deque()
    knocked, told_at = 0, 0.0
    while time.monotonic() < until:
        if len(held) >= HALF_OPEN:
            held.popleft().close()
        with contextlib.suppress(OSError):
            place = (_address(knocked), 0)
            held.append(socket.create_connection(("127.0.0.1", port), 2, source_address=place))
        knocked += 1
        if time.monotonic() - told_at > TELL_SECONDS:
            told_at = time.monotonic()
            _tell(f"{len(held)} held of {knocked}")


def _address(number: int) -> str:
    """One of the crowd's addresses."""
    return f"127.0.{1 + number % ADDRESSES // 250}.{1 + number % ADDRESSES % 250}"


def _tell(what: str) -> None:
    print(what, flush=True)


def huge_frames(port: int, tls: ssl.SSLContext, _token: str, until: float) -> None:
    """Frames of 100 MB, in the channel's first word."""
    piece = bytes(64 * 1024)
    while time.monotonic() < until:
        with contextlib.suppress(OSError), _connected(port, tls) as one:
            one.sendall(
                f"GET {CHANNEL_PATH} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
            )
            one.recv(4096)
            one.sendall(b"\x81\xff" + struct.pack(">Q", HUGE_BYTES) + bytes(4))
            for _ in range(HUGE_BYTES // len(piece)):
                one.sendall(piece)


def wrong_passwords(port: int, tls: ssl.SSLContext, _token: str, until: float) -> None:
    """Passwords, as fast as they are answered."""
    _asking(
        port, tls, until, "POST", "/api/v1/session", {"Content-Type": "application/json"}, _GUESS
    )


_GUESS = json.dumps({"login": "owner", "password": "не тот пароль"}).encode()


def sign_ins(port: int, tls: ssl.SSLContext, _token: str, until: float) -> None:
    """A thousand sign-ins a second from many addresses, whether they are answered or not."""
    said = (
        b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(_GUESS), _GUESS)
    )
    pace = SIGN_INS_A_SECOND
    wire.run(flood.knock(port, tls, said, a_second=pace, until=until, address=_address, tell=_tell))


def pages(port: int, tls: ssl.SSLContext, token: str, until: float) -> None:
    """The desk's costliest page, as fast as it is answered: a browser that is signed in and gone mad."""
    _asking(
        port, tls, until, "GET", "/admin/reports?period=30", {"Cookie": f"lovhub_session={token}"}
    )


def tabs(port: int, tls: ssl.SSLContext, token: str, until: float) -> None:
    """One page open in 50 tabs, all of them loaded again and again."""
    headers = {"Cookie": f"lovhub_session={token}"}
    held = []
    for _ in range(TABS):
        with contextlib.suppress(OSError):
            one = _connected(port, tls)
            one.sendall(
                f"GET /live HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: https://localhost:{port}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                f"Cookie: lovhub_session={token}\r\n\r\n".encode()
            )
            if b" 101 " in one.recv(4096):
                held.append(one)
    if len(held) < TABS:
        print(f"only {len(held)} of {TABS} live pages are open", file=sys.stderr)
    _asking(port, tls, until, "GET", "/admin/computers", headers)


def _connected(port: int, tls: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", port), timeout=5)
    return tls.wrap_socket(plain, server_hostname="localhost")


def _asking(
    port: int,
    tls: ssl.SSLContext,
    until: float,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | None = None,
) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    def ask() -> None:
        connection = http.client.HTTPSConnection("localhost", port, context=tls, timeout=20)
        while time.monotonic() < until:
            try:
                connection.request(method, path, body, headers)
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(AT_ONCE):
            pool.submit(ask)


ATTACKS: dict[str, Attack] = {
    "half requests": half_requests,
    "10,000 half-open": half_open,
    "frames of 100 MB": huge_frames,
    "wrong passwords": wrong_passwords,
    "1,000 sign-ins a second": sign_ins,
    "heavy pages": pages,
    "50 tabs": tabs,
}


# --- the club ---------------------------------------------------------------------------------------------


async def _beats(pcs: list[Pc], seconds: float) -> list[float]:
    """Milliseconds from each heartbeat to its answer; infinity for one that was not answered at all."""
    waits: list[float] = []

    async def one(pc: Pc, delay: float) -> None:
        await asyncio.sleep(delay)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            heard = asyncio.Event()
            pc.acknowledged = heard.set
            began = time.monotonic()
            pc.beat()
            try:
                await asyncio.wait_for(heard.wait(), PATIENCE_SECONDS)
            except TimeoutError:
                waits.append(float("inf"))
                return
            waits.append((time.monotonic() - began) * 1000)
            await asyncio.sleep(max(0.0, BEAT_SECONDS - time.monotonic() + began))

    await asyncio.gather(
        *(one(pc, BEAT_SECONDS * number / len(pcs)) for number, pc in enumerate(pcs))
    )
    return waits


async def _siege(club: ServedClub, names: Sequence[str]) -> bool:
    pcs = await link(club)
    held = True
    for name in ("", *names):
        if name == TWICE:
            await asyncio.sleep(CALM_SECONDS)
            held = await hold(club, pcs, _beats) and held
            continue
        besieger = await asyncio.to_thread(_besieger, club, name) if name else None
        try:
            seconds = LONGER_SECONDS.get(name, PHASE_SECONDS)
            waits = sorted(await _beats(pcs, seconds))
        finally:
            said = _ended(besieger) if besieger is not None else ""
        lost = sum(wait == float("inf") for wait in waits)
        held = held and not lost and not any(pc.is_lost for pc in pcs)
        p99 = waits[int(len(waits) * 0.99) - 1]
        print(
            f"{name or 'nobody':24} heartbeats {len(waits):5}   median {statistics.median(waits):7.1f} ms"
            f"   p99 {p99:7.1f} ms   lost {lost}   {said}",
            flush=True,
        )
    return held


def _besieger(club: ServedClub, name: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "bench.siege", BESIEGER, name, str(club.folder), str(club.port)]
    environment = {**os.environ, "LOVHUB_SIEGE_TOKEN": club.owner_token}
    besieger = subprocess.Popen(
        [*dies_with_the_tests(), *words], env=environment, stdout=subprocess.PIPE
    )
    assert besieger.stdout is not None  # noqa: S101 (a pipe was asked for)
    besieger.stdout.readline()  # it is there
    return besieger


def _ended(besieger: subprocess.Popen[bytes]) -> str:
    """End it; the last that it had to say."""
    besieger.kill()
    told = besieger.communicate()[0].decode().splitlines()
    return told[-1] if told else ""


def main() -> int:
    """All of it; 0 if every heartbeat was answered."""
    words = sys.argv[1:]
    if words[:1] == [BESIEGER]:
        _, name, folder, port = words
        until = time.monotonic() + 6 * PHASE_SECONDS
        print("here", flush=True)
        ATTACKS[name](int(port), trusting(Path(folder)), os.environ["LOVHUB_SIEGE_TOKEN"], until)
        return 0
    with fresh_club(COMPUTERS) as club:
        held = asyncio.run(_siege(club, words or [*ATTACKS, TWICE]))
    print("All that matters was kept." if held else "Something that matters was lost.")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
