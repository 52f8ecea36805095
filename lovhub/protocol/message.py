"""What every frame between agent and server is."""

import msgspec


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=False, tag_field="type"):
    """Base of every frame. Unknown fields are passed over, so that a newer side may add some."""
