"""Keeping Python's collector of unused memory from making pages wait."""

import gc

LOOKED_THROUGH_AFTER = 20_000
"""So many more objects than have gone again. Python's own 700 is for small programs: a PC that comes in leaves 250.

While a hall came in, all that had come since the start was looked through every few seconds, and all PCs waited for
that: a quarter of a second with 700 of them.
"""


def settle() -> None:
    """All that there is now stays: the collector looks through what comes later, not through this again.

    Modules, tables and templates are some hundred thousand objects. Now and then a page waited a tenth of a second
    while all of them were looked through, and nothing was ever found. Loading leaves next to nothing behind, and
    looking for it would take a fifteenth of a start.
    """
    if gc.get_freeze_count():  # an earlier life, before a restore: most of it is garbage by now
        gc.unfreeze()
        gc.collect()
    gc.freeze()
    gc.set_threshold(LOOKED_THROUGH_AFTER, *gc.get_threshold()[1:])
