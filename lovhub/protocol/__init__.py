"""What the programs say to each other: the contract, imported by all sides, importing none of them.

* `channel`  – frames between a PC's agent and the server, over a WebSocket
* `local`    – messages between the agent and the launcher on one PC
* `lease`    – the signed permission to play, which outlives the connection
* `pairing`  – how a PC and a server come to trust each other
* `identity` – how the server's long-lived key vouches for its TLS certificate
* `codec`    – bytes to frames and back, with the limits that keep a stranger harmless
"""

PROTOCOL_VERSION = 1
"""Spoken by this version. The server accepts this and the previous one."""

OLDEST_PROTOCOL_VERSION = 1
"""The oldest version the server still understands."""

HEARTBEAT_SECONDS = 10
"""How often an agent says that it is there."""

JOURNAL_TICK_SECONDS = 5
"""How often an agent writes the played seconds to disk; the most that a power cut can cost."""

MAX_FRAME_BYTES = 64 * 1024
"""A longer frame closes its connection, on either side."""

CHANNEL_PATH = "/channel"
"""Where the server's WebSocket for PCs answers."""
