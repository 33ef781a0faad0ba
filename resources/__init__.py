"""Files that come with the program: icons, and the starter model under models/."""
