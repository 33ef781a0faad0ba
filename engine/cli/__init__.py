"""The terminal front end: hearth [chat | serve | models | bench | doctor]."""
