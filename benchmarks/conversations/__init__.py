"""The scoreboard's conversations: see ``__main__``."""
