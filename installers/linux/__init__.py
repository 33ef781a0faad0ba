"""What Linux's desktops are given: a .deb, and a folder that an AppImage is made of."""
