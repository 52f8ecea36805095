"""What the Windows installers change on a computer beside copying files, and how all of it is undone."""
