"""Instagram's messages, in Meta's own spelling, through the Instagram API with Instagram Login."""
