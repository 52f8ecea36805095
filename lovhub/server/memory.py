"""Keeping Python's collector of unused memory from making pages wait."""

import gc


def settle() -> None:
    """All that there is now stays: the collector looks through what comes later, not through this again.

    Modules, tables and templates are some hundred thousand objects. Now and then a page waited a tenth of a second
    while all of them were looked through, and nothing was ever found.
    """
    gc.unfreeze()  # of an earlier life, before a restore
    gc.collect()
    gc.freeze()
