"""Twilio's Messaging API, pretended: SMS, and WhatsApp by way of Twilio."""
