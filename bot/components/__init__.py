"""Our parts of the assistant's engine: what it reads out of a message, and how it resolves an answer."""
