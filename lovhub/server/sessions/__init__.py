"""Who plays where, and how the seconds are counted."""
