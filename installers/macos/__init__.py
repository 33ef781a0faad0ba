"""The app and the disk image of macOS. Nobody has run any of this on a Mac yet."""
