"""HTTP with bounds, for the forum and for roster sources alike; knows nothing about either."""
