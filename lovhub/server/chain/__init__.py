"""Several clubs in one database: the owner's page over all, who is the same person there, whose customers they have."""
