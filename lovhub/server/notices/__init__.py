"""What the owner is told by mail and Telegram: the figures of a shift that was closed."""
