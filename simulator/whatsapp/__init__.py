"""Meta's WhatsApp Cloud API, pretended."""
