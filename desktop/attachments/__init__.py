"""Files whose text goes into a question."""
