"""From a clone to a running program, and from a program to an installer."""
