"""Instagram's messaging API, pretended."""
