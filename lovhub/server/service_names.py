"""What the server is called as a Windows service."""

SERVICE = "LoVHub"
SERVICE_ACCOUNT = rf"NT SERVICE\{SERVICE}"
"""Windows makes it together with the service; it has no password, and nobody can sign in with it."""

CONSOLE_FILE = "console.txt"
"""What the service would say to a console, such as the link with which the owner begins."""
