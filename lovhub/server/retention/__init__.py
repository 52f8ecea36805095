"""What of the logs goes after a time: who played what, who signed in, what was said to whom."""
