"""The window on a gaming PC: lock, sign-in, main window. No secrets, no truth of its own."""
