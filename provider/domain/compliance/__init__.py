"""What a force is told: outcomes, the feed, notices."""
