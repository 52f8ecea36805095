"""The desk's hand on the PCs: screens covered, programs started, PCs restarted, woken and looked at."""
