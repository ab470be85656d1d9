"""How people, groups, categories, topics and posts appear in JSON."""
