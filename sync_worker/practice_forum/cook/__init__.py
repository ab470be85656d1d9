"""Discourse's Markdown: from what a person typed to what a reader sees."""
