"""People at the desk and their sign-ins."""
