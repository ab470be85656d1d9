"""Carrying a plan out on the forum, and what the forum is like afterwards."""
