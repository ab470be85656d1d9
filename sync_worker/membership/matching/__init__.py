"""Who is who: people of a roster and accounts of a forum. `observing/match.py` decides."""
