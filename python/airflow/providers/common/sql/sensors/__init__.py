"""Sensors of this provider package."""
