"""PCs that are out of order, or kept for somebody."""
