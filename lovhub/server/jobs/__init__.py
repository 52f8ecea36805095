"""What the server does by itself: session clock, flush, nightly checks."""
