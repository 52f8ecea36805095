"""What both platforms may raise."""


class FolderInUse(Exception):
    """Another agent works in this data folder."""
