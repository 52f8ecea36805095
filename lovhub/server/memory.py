"""Keeping Python's collector of unused memory from making pages wait."""

import gc

LOOKED_THROUGH_AFTER = 20_000
"""So many more objects than went: Python's own 700 is for small programs. A PC that comes in leaves some 250.

By then everything that came since the start was looked through again and again while a hall came in, and all PCs
waited: a quarter of a second with 700 PCs.
"""


def settle() -> None:
    """All that there is now stays: the collector looks through what comes later, not through this again.

    Modules, tables and templates are some hundred thousand objects. Now and then a page waited a tenth of a second
    while all of them were looked through, and nothing was ever found.
    """
    gc.unfreeze()  # of an earlier life, before a restore
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOOKED_THROUGH_AFTER, *gc.get_threshold()[1:])
