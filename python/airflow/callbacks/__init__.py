"""Callbacks: names that code of providers imports."""
