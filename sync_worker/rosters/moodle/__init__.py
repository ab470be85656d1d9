"""Moodle: its cohorts and courses, over its web services."""
