"""A force's schemes and their versioned terms."""
