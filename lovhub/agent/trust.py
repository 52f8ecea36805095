"""Trust in the server's TLS certificate, without ever switching a check off.

The certificate itself is the trust anchor: stored since pairing, or fetched when there is none or
it was renewed. A fetched one proves nothing alone; `client` then compares it with the club's signed
identity statement before anything of value is sent.
"""

import asyncio
import functools
import ssl

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from lovhub.agent.settings import Address

FETCH_TIMEOUT_SECONDS = 5.0


class CertificateUnusable(Exception):
    """The certificate names nobody, so that no connection can be checked against it."""


def name_in_certificate(certificate_pem: str) -> str:
    """The name to ask for in TLS: the first DNS name, else IP address, else the common name.

    The PC connects by this name whatever the server's address, so moving the server breaks nothing.
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


async def fetch_certificate(address: Address) -> str:
    """The PEM of the certificate shown at this address; raises OSError."""
    return await asyncio.to_thread(
        ssl.get_server_certificate, (address.host, address.port), timeout=FETCH_TIMEOUT_SECONDS
    )
