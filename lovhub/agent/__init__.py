"""The headless half on a gaming PC: connection, lease, journal, guard."""
