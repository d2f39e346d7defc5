"""Metrics: names that code of providers imports."""
