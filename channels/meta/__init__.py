"""What Meta's channels have in common: how webhooks are signed and read, and how the Graph API answers."""
