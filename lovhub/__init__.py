"""LoVHub: the management system for gaming clubs."""

__version__ = "0.1.0"
