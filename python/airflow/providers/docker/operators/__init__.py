"""Operators of this provider package."""
