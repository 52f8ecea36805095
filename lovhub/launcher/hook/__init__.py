"""The keyboard hook of Windows, in a process of its own: one that answers late is dropped by Windows without a word."""
