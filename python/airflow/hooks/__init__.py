"""Hooks: interfaces to other systems."""
