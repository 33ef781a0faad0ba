"""What a model is on disk, and where it comes from."""
