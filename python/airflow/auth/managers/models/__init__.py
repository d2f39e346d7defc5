"""What authorization decides about."""
