"""Task decorators of this provider package."""
