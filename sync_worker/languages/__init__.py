"""The languages in which we read and write: a folder for each, with its word lists and sentences, and nothing else.

`language.py` finds the folders; `parts.py` says what each must hold.
"""
