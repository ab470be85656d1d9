"""What the topics of a forum tell, from their texts alone: who tried what, what is open, what can be quoted. Pure."""
