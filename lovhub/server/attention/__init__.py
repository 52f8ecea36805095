"""What needs a person: calls from players, and sessions about to end. Alarms are in `journal`."""
