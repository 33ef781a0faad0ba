"""The window and all that belongs to the machine: paths, settings, the keyring."""
