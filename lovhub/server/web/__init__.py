"""Layout, templates, static files, translations of the web admin."""
