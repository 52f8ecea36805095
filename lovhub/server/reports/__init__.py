"""Figures for the owner and the desk."""
