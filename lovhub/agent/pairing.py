"""The PC's side of `lovhub.protocol.pairing`: commit, be challenged, reveal, show the code."""

import asyncio
import secrets
from collections.abc import Coroutine
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection

from lovhub.protocol import PROTOCOL_VERSION
from lovhub.protocol.channel import (
    PairChallenge,
    PairCommit,
    PairName,
    PairReveal,
    ServerFrame,
    client_codec,
)
from lovhub.protocol.identity import IdentityStatement
from lovhub.protocol.pairing import NONCE_BYTES, commitment, pairing_code


class PairingAttempt:
    """One attempt over one connection; a new connection makes a new nonce and so a new code.

    `bulk_token`: only where the statement is of the club that the token names.
    """

    def __init__(
        self,
        private_key: Ed25519PrivateKey,
        hostname: str,
        statement: IdentityStatement,
        mac: str = "",
        bulk_token: str = "",
    ) -> None:
        self._public_key = private_key.public_key().public_bytes_raw()
        self._nonce = secrets.token_bytes(NONCE_BYTES)
        self._hostname = hostname
        self._mac = mac
        self._bulk_token = bulk_token
        self._statement = statement

    def commit(self) -> PairCommit:
        """The first word: bound to key and nonce, showing neither."""
        return PairCommit(
            protocol=PROTOCOL_VERSION,
            hostname=self._hostname,
            commit=commitment(self._public_key, self._nonce),
            mac=self._mac,
        )

    def reveal(self) -> PairReveal:
        """What was committed to; only to be sent after the server's challenge."""
        return PairReveal(
            public_key=self._public_key, nonce=self._nonce, bulk_token=self._bulk_token
        )

    def code(self, challenge: PairChallenge) -> str:
        """The six digits a person compares with those at the desk."""
        return pairing_code(
            identity_key=self._statement.identity_key,
            certificate_sha256=self._statement.certificate_sha256,
            public_key=self._public_key,
            pc_nonce=self._nonce,
            server_nonce=challenge.nonce,
        )


class PcName:
    """What the PC is to be called, as somebody types it there; told to the server while the PC waits.

    It outlives the attempt: the next one tells it again. `is_taken`: the server wants to know.
    """

    def __init__(self) -> None:
        self.text = ""
        self.is_taken = False
        self._changed = asyncio.Event()

    def say(self, text: str) -> None:
        """It is this from now on."""
        self.text = text
        self._changed.set()

    async def tell_until(
        self, connection: ClientConnection, end: Coroutine[Any, Any, ServerFrame]
    ) -> ServerFrame:
        """Tell what there is and what it becomes, until `end` is there; returns that."""
        ending = asyncio.ensure_future(end)
        told = ""
        try:
            while not ending.done():
                self._changed.clear()
                if self.is_taken and self.text != told:
                    told = self.text
                    await connection.send(client_codec.encode(PairName(name=told)), text=True)
                changed = asyncio.ensure_future(self._changed.wait())
                try:
                    await asyncio.wait((ending, changed), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    changed.cancel()
            return ending.result()
        finally:
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)
