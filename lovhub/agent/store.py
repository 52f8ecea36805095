"""What a PC remembers of its club: pinned identity, token, certificate, and its own key.

The agent keeps it in its data folder; the simulator, which runs hundreds of PCs, keeps it in
memory.
"""

from pathlib import Path
from typing import Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub.agent.platform import write_private_file
from lovhub.agent.proof import KeptProof
from lovhub.protocol.upkeep_code import UpkeepKeys

PC_FILE = "pc.json"
KEY_FILE = "pc_key.bin"


class Membership(msgspec.Struct, frozen=True):
    """Belonging to a club: the PC's number and token there, the club's pinned identity key."""

    computer_id: int
    token: str
    identity_key: bytes

    def __repr__(self) -> str:
        """Without the token: a repr ends up in logs."""
        return f"Membership(computer_id={self.computer_id})"


class FoundServer(msgspec.Struct, frozen=True):
    """Where this PC has found its server, `instead_of` the addresses that it was given, as text."""

    host: str
    port: int
    instead_of: str = ""


class IdentityStore(Protocol):
    """Small interface over the memory of a PC."""

    def private_key(self) -> Ed25519PrivateKey:
        """The PC's own key, made when first asked for."""
        ...

    def membership(self) -> Membership | None:
        """The club this PC is paired with, or None."""
        ...

    def pinned_identity_key(self) -> bytes | None:
        """The club's identity key; it outlives a membership that the server has forgotten."""
        ...

    def join(self, membership: Membership, certificate_pem: str) -> None:
        """Remember a fresh pairing."""
        ...

    def leave(self) -> None:
        """Forget number, token, technicians' keys and the player: the server does not know them. The pin stays."""
        ...

    def certificate_pem(self) -> str | None:
        """The server's certificate as last seen and vouched for."""
        ...

    def save_certificate(self, certificate_pem: str) -> None:
        """Remember a renewed certificate that the pinned identity vouches for."""
        ...

    def upkeep_keys(self) -> UpkeepKeys:
        """Whose codes open this PC."""
        ...

    def save_upkeep_keys(self, keys: UpkeepKeys) -> None:
        """Remember them, in the place of those before."""
        ...

    def kept_proof(self) -> KeptProof | None:
        """By what the player of the sitting here is known again."""
        ...

    def keep_proof(self, kept: KeptProof | None) -> None:
        """Remember that, or nobody. Raises OSError."""
        ...

    def found(self) -> FoundServer | None:
        """Where the server was found last, if not where the PC was told."""
        ...

    def save_found(self, found: FoundServer | None) -> None:
        """Remember that, or that it is where the PC was told."""
        ...


class MemoryStore:
    """Forgets everything with its process."""

    def __init__(self) -> None:
        self._key: Ed25519PrivateKey | None = None
        self._membership: Membership | None = None
        self._pin: bytes | None = None
        self._certificate_pem: str | None = None
        self._found: FoundServer | None = None
        self._upkeep_keys = UpkeepKeys()
        self._kept_proof: KeptProof | None = None

    def private_key(self) -> Ed25519PrivateKey:
        """See IdentityStore."""
        if self._key is None:
            self._key = Ed25519PrivateKey.generate()
        return self._key

    def membership(self) -> Membership | None:
        """See IdentityStore."""
        return self._membership

    def pinned_identity_key(self) -> bytes | None:
        """See IdentityStore."""
        return self._pin

    def join(self, membership: Membership, certificate_pem: str) -> None:
        """See IdentityStore."""
        self._membership = membership
        self._pin = membership.identity_key
        self._certificate_pem = certificate_pem
        self._upkeep_keys = UpkeepKeys()
        self._kept_proof = None

    def leave(self) -> None:
        """See IdentityStore."""
        self._membership = None
        self._upkeep_keys = UpkeepKeys()
        self._kept_proof = None

    def certificate_pem(self) -> str | None:
        """See IdentityStore."""
        return self._certificate_pem

    def save_certificate(self, certificate_pem: str) -> None:
        """See IdentityStore."""
        self._certificate_pem = certificate_pem

    def upkeep_keys(self) -> UpkeepKeys:
        """See IdentityStore."""
        return self._upkeep_keys

    def save_upkeep_keys(self, keys: UpkeepKeys) -> None:
        """See IdentityStore."""
        self._upkeep_keys = keys

    def kept_proof(self) -> KeptProof | None:
        """See IdentityStore."""
        return self._kept_proof

    def keep_proof(self, kept: KeptProof | None) -> None:
        """See IdentityStore."""
        self._kept_proof = kept

    def found(self) -> FoundServer | None:
        """See IdentityStore."""
        return self._found

    def save_found(self, found: FoundServer | None) -> None:
        """See IdentityStore."""
        self._found = found


class _PcFile(msgspec.Struct, frozen=True):
    """What `pc.json` holds."""

    identity_key: bytes | None = None
    certificate_pem: str | None = None
    membership: Membership | None = None
    found: FoundServer | None = None
    upkeep_keys: UpkeepKeys = UpkeepKeys()
    kept_proof: KeptProof | None = None


class FileStore(MemoryStore):
    """Keeps it in `pc.json` and `pc_key.bin` of the data folder, for the agent's user only."""

    def __init__(self, data_folder: Path) -> None:
        super().__init__()
        self._path = data_folder / PC_FILE
        self._key_path = data_folder / KEY_FILE
        self.damaged_file: Path | None = None
        try:
            known = msgspec.json.decode(self._path.read_bytes(), type=_PcFile)
        except FileNotFoundError:
            return
        except msgspec.MsgspecError:
            # An unreadable pairing must not leave the PC without its lock: it asks the desk anew.
            self.damaged_file = self._path.with_suffix(".damaged.json")
            self._path.replace(self.damaged_file)
            return
        self._pin = known.identity_key
        self._certificate_pem = known.certificate_pem
        self._membership = known.membership
        self._found = known.found
        self._upkeep_keys = known.upkeep_keys
        self._kept_proof = known.kept_proof

    def private_key(self) -> Ed25519PrivateKey:
        """See IdentityStore."""
        if self._key is None:
            try:
                self._key = Ed25519PrivateKey.from_private_bytes(self._key_path.read_bytes())
            except (FileNotFoundError, ValueError):
                self._key = Ed25519PrivateKey.generate()
                write_private_file(self._key_path, self._key.private_bytes_raw())
        return self._key

    def join(self, membership: Membership, certificate_pem: str) -> None:
        """See IdentityStore."""
        super().join(membership, certificate_pem)
        self._write()

    def leave(self) -> None:
        """See IdentityStore."""
        super().leave()
        self._write()

    def save_certificate(self, certificate_pem: str) -> None:
        """See IdentityStore."""
        super().save_certificate(certificate_pem)
        self._write()

    def save_upkeep_keys(self, keys: UpkeepKeys) -> None:
        """See IdentityStore."""
        if keys != self._upkeep_keys:  # told at each link, and nearly always the same
            super().save_upkeep_keys(keys)
            self._write()

    def keep_proof(self, kept: KeptProof | None) -> None:
        """See IdentityStore."""
        super().keep_proof(kept)
        self._write()

    def save_found(self, found: FoundServer | None) -> None:
        """See IdentityStore."""
        super().save_found(found)
        self._write()

    def _write(self) -> None:
        known = _PcFile(
            identity_key=self._pin,
            certificate_pem=self._certificate_pem,
            membership=self._membership,
            found=self._found,
            upkeep_keys=self._upkeep_keys,
            kept_proof=self._kept_proof,
        )
        write_private_file(self._path, msgspec.json.encode(known))
