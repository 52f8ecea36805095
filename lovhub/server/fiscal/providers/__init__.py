"""Operators of fiscal data, each with its own wire."""
