"""One evening at a club, end to end: real server, agent, launcher, game and browser, each its own process."""
