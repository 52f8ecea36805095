"""Several processes on one PostgreSQL: news between them, and who does what there must be one of."""
