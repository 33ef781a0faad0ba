"""The conversation: composer, transcript, and what connects them to the engine."""
