"""One PC looked at closely: its hardware, the commands it got, its history."""
