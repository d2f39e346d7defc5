"""Notifications of this provider package."""
