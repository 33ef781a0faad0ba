"""How Hearth looks: colours, measures, icons, and following light and dark."""
