"""Who saw and did what: append-only and hash-chained."""
