"""What the owner is told by mail and Telegram: closed shifts, troubles, the head of the books' chain."""
