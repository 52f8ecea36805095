"""The club's server: customers, PCs, tariffs, money, sessions; pages, API and the channel to the PCs."""
