"""What an owner should look at: corrections, voids, time without money, alarms and differences, each with a person."""
