"""The programs that ours is measured beside, started on the server's core."""

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Program
from tests.evening.processes import free_port


@dataclass(frozen=True)
class Beside:
    """One that runs."""

    program: Program
    port: int
    tls: ssl.SSLContext


@contextlib.contextmanager
def bare(folder: Path) -> Iterator[Beside]:
    """A server that does nothing but what it must; `folder` has a certificate."""
    with _run("bench.baseline.bare", folder, "listening") as found:
        yield found


@contextlib.contextmanager
def picows(folder: Path) -> Iterator[Beside]:
    """An echo in compiled code; `folder` has a certificate."""
    with _run("bench.baseline.picows_echo", folder, "listening") as found:
        yield found


@contextlib.contextmanager
def first_sketch(folder: Path) -> Iterator[Beside]:
    """The heartbeat of the guide's first sketch; `folder` has a certificate."""
    with _run("bench.baseline.first_sketch", folder, "Running on") as found:
        yield found


@contextlib.contextmanager
def _run(module: str, folder: Path, sign: str) -> Iterator[Beside]:
    port = free_port()
    tls = ssl.create_default_context(cadata=(folder / "cert.pem").read_text())
    with Program(module, str(folder), str(port)) as program:
        program.said(sign)
        yield Beside(program, port, tls)
