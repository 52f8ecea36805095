"""The parts the launcher's screens are put together from."""
