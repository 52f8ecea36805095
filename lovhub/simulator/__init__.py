"""A club of virtual PCs and players that speaks the real protocol: demo, load test, soak test."""
