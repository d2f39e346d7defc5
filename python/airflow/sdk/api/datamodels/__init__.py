"""Values of the API."""
