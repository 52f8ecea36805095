"""Shifts at the desk: who answers for the drawer, what went through it, and what was counted."""
