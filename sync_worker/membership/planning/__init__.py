"""From what is wanted and what was observed to a plan within the limits. Pure."""
