"""Forces, API keys, webhook endpoints."""
