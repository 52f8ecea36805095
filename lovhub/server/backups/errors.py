"""What a file of a backup may turn out to be."""


class BadArchive(Exception):
    """The file is no backup, or it is damaged. `reason` is for the technician."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
