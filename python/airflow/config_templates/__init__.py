"""Templates of the configuration: names that installations import."""
