"""PCs opened by a technician without a customer: for minutes, with a reason, and for everybody to see."""
