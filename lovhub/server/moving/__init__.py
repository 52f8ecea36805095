"""Moving in from another system: customers with their money and hours, out of a table."""
