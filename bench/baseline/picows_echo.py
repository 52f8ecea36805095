"""A bare picows server: what a WebSocket echo costs where nearly all of it is compiled.

python -m bench.baseline.picows_echo FOLDER PORT    with `cert.pem` and `key.pem` in the folder
"""

import ssl
import sys
import time
from pathlib import Path

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server

from lovhub.server import memory, serving
from lovhub.server.certificate import ensure_certificate


class Echo(WSListener):
    """Says what was said."""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """See WSListener."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
        else:
            transport.send(frame.msg_type, frame.get_payload_as_memoryview())


async def serve(port: int, context: ssl.SSLContext) -> None:
    """Until it is ended."""
    server = await ws_create_server(
        lambda _request: Echo(), "127.0.0.1", port, ssl=context, enable_auto_pong=True
    )
    memory.settle()
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    certificate = ensure_certificate(Path(sys.argv[1]), time.time())
    uvloop.run(serve(int(sys.argv[2]), serving.tls_context(certificate)))
