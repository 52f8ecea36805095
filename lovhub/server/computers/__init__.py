"""The gaming PCs."""
