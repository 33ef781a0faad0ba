"""The switch of the localhost API, and its dialog."""
