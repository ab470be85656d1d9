"""Discourse's rules: who may do what, and what happens when somebody writes, joins or is invited."""
