"""Why a club was not carried."""


class RelocationRefused(Exception):
    """Nothing was changed. `code` is one of those in `command.py`."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
