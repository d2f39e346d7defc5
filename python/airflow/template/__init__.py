"""Rendering of templated fields."""
