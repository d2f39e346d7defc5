"""Hooks of this provider package."""
