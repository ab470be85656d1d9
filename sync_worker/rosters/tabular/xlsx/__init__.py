"""Workbooks of Excel, read as a stream."""
