"""What time costs."""
