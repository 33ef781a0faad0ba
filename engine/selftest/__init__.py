"""Whether a device computes what the processor computes: a small random gpt-oss on both."""
