"""More to do than can be done: what is turned away, so that sessions and heartbeats go on."""
