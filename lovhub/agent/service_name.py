"""What the agent is called as a Windows service."""

SERVICE_NAME = "LoVHubPC"
