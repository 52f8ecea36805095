"""Another version for the PCs: the one that this server carries, a few at a time, undone where it fails."""
