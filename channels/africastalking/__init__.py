"""What Africa's Talking's channels share: the key in the path of their webhooks, and the account behind."""
