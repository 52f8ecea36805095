"""Copies of the club: making, checking, keeping and restoring them."""
