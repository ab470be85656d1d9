"""Who is who: people of a roster and accounts of a forum. No module here writes to the forum."""
