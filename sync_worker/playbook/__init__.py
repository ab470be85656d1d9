"""Playbooks: the format, its checks, and the occurrences that a cohort's dates make of it."""
