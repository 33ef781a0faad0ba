"""The conversations on disk, and their list."""
