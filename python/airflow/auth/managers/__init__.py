"""Authorization, which lies in the API server here."""
