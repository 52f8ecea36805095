"""What `bench.filling` writes, by subject."""
