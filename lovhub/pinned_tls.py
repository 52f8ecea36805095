"""TLS to whoever shows one certificate that is known beforehand, without ever switching a check off.

The certificate itself is the trust anchor; the name that is checked is the one that stands in it, so that its owner
may have any address.
"""

import functools
import http.client
import socket
import ssl

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID


class CertificateUnusable(Exception):
    """The certificate names nobody, so that no connection can be checked against it."""


def name_in_certificate(certificate_pem: str) -> str:
    """The name to ask for in TLS: the first DNS name, else IP address, else the common name.

    One connects by this name whatever the address, so moving the server breaks nothing.
    """
    certificate = x509.load_pem_x509_certificate(certificate_pem.encode("ascii"))
    try:
        names = certificate.extensions.get_extension_for_oid(
            ExtensionOID.SUBJECT_ALTERNATIVE_NAME
        ).value
    except x509.ExtensionNotFound:
        names = None
    if isinstance(names, x509.SubjectAlternativeName):
        for dns_name in names.get_values_for_type(x509.DNSName):
            return dns_name.replace("*", "server", 1)
        for address in names.get_values_for_type(x509.IPAddress):
            return str(address)
    for common_name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        return str(common_name.value)
    raise CertificateUnusable("the certificate has no name")


@functools.lru_cache(maxsize=8)
def context_for(certificate_pem: str) -> ssl.SSLContext:
    """A TLS context that trusts this one certificate and checks chain, dates and name."""
    context = ssl.create_default_context(cadata=certificate_pem)
    # A certificate from an authority is trusted here by itself, without the authority above it.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    # The old guide's certificates lack extensions that the strict profile of newer Pythons demands.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


class PinnedConnection(http.client.HTTPSConnection):
    """HTTPS to this address; whoever shows any other certificate than this one is told nothing."""

    def __init__(
        self, host: str, port: int | None, certificate_pem: str, *, timeout_seconds: float
    ) -> None:
        """Raises CertificateUnusable, ValueError or ssl.SSLError for a certificate that cannot be checked."""
        self._tls = context_for(certificate_pem)
        self._name = name_in_certificate(certificate_pem)
        certificate = x509.load_pem_x509_certificate(certificate_pem.encode("ascii"))
        self._der = certificate.public_bytes(Encoding.DER)
        self._timeout_seconds = timeout_seconds
        super().__init__(host, port, timeout=timeout_seconds, context=self._tls)

    def connect(self) -> None:
        """Connect by the name in the certificate, and compare the certificate itself."""
        plain = socket.create_connection((self.host, self.port), self._timeout_seconds)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self._name)
        if self.sock.getpeercert(binary_form=True) != self._der:
            # Whatever else the trusted one may have signed.
            self.close()
            raise ssl.SSLError("another certificate")
