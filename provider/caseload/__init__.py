"""What is shown: SELECT → frozen objects; never writes."""
