"""Everything between a chat request and its events. Knows no Qt, settings or keyring."""
