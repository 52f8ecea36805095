"""How an operation says no. Codes, not texts: texts are made at the edges, in the reader's language."""


class OperationRefused(Exception):
    """The operation was not done, and nothing was changed. `code` is for the texts, `values` go into them."""

    def __init__(self, code: str, **values: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
