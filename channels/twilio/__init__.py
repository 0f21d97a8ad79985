"""What Twilio's channels share: signatures, forms, status callbacks, sending, error codes, media."""
