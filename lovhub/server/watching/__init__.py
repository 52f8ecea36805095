"""For programs that watch the server: does it answer, can it work, what are its figures."""
