"""What happened: events, alarms, launches."""
