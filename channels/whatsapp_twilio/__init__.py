"""WhatsApp through Twilio, for sellers without credentials of Meta's."""
