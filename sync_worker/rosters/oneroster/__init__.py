"""OneRoster exports (CSV 1.1 and 1.2), in a folder or a zip archive."""
