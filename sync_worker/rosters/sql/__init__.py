"""Databases, asked by queries."""
