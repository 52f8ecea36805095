"""Time that guests have paid for and nobody plays: a code anew, the money back, and an end after years."""
