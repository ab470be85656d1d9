"""A small forum that speaks Discourse's API, for demos, rehearsals and tests."""
