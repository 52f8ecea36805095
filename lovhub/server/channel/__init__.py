"""The WebSocket channel to the PCs and the live pages."""
