"""Text messages through Africa's Talking."""
