"""WhatsApp Cloud API, in Meta's own spelling."""
