"""A bare WebSocket server under the same uvicorn and settings as ours: what the server alone costs.

python -m bench.baseline.bare FOLDER PORT    with `cert.pem` and `key.pem` in the folder
"""

import sys
import time
from pathlib import Path

from starlette.types import Receive, Scope, Send

from lovhub.server import memory, serving
from lovhub.server.certificate import ensure_certificate
from lovhub.server.listener import listening_socket


class Nothing:
    """Nothing else lives on the loop."""

    async def start(self) -> None:
        """See Backstage."""

    async def stop(self) -> None:
        """See Backstage."""


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Say what was said."""
    if scope["type"] != "websocket":
        return
    while True:
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif message["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
        else:
            return


if __name__ == "__main__":
    certificate = ensure_certificate(Path(sys.argv[1]), time.time())
    with listening_socket("127.0.0.1", int(sys.argv[2])) as listener:
        memory.settle()
        print("listening", flush=True)
        context = serving.tls_context(certificate)
        serving.run(echo, Nothing(), listener, context, serving.Stopper())
