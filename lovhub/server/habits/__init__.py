"""What a customer likes at every PC of the club: favourite programs, volume, keyboard layout, language."""
