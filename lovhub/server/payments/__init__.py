"""Payments through Kaspi: asked for, confirmed by a provider, booked exactly once, given back, compared."""
