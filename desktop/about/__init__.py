"""What Hearth is: its version, the licences of what is inside, and whether there is a newer one."""
