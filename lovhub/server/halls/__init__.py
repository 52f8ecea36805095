"""Halls and the zones in them."""
