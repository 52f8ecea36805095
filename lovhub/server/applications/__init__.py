"""Games and programs that may be started."""
