"""The club's customers."""
