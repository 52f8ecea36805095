"""The PC's side of `lovhub.protocol.pairing`: commit, be challenged, reveal, show the code."""

import secrets

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub.protocol import PROTOCOL_VERSION
from lovhub.protocol.channel import PairChallenge, PairCommit, PairReveal
from lovhub.protocol.identity import IdentityStatement
from lovhub.protocol.pairing import NONCE_BYTES, commitment, pairing_code


class PairingAttempt:
    """One attempt over one connection; a new connection makes a new nonce and so a new code."""

    def __init__(
        self,
        private_key: Ed25519PrivateKey,
        hostname: str,
        statement: IdentityStatement,
        mac: str = "",
    ) -> None:
        self._public_key = private_key.public_key().public_bytes_raw()
        self._nonce = secrets.token_bytes(NONCE_BYTES)
        self._hostname = hostname
        self._mac = mac
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
        return PairReveal(public_key=self._public_key, nonce=self._nonce)

    def code(self, challenge: PairChallenge) -> str:
        """The six digits a person compares with those at the desk."""
        return pairing_code(
            identity_key=self._statement.identity_key,
            certificate_sha256=self._statement.certificate_sha256,
            public_key=self._public_key,
            pc_nonce=self._nonce,
            server_nonce=challenge.nonce,
        )
