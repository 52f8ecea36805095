"""The certificate that the server shows, for a PC that has none stored, or whose stored one was renewed.

A fetched one proves nothing alone; `client` then compares it with the club's signed identity statement before
anything of value is sent.
"""

import asyncio
import ssl

from lovhub.agent.settings import Address

FETCH_TIMEOUT_SECONDS = 5.0


async def fetch_certificate(address: Address) -> str:
    """The PEM of the certificate shown at this address; raises OSError."""
    return await asyncio.to_thread(
        ssl.get_server_certificate, (address.host, address.port), timeout=FETCH_TIMEOUT_SECONDS
    )
