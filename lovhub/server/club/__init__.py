"""The club itself: its name, time zone and rules."""
