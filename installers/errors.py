"""What keeps an installer from being made."""


class Failed(Exception):
    """The text says why, and what to do."""
