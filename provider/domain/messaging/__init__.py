"""Texts and replies: outbox, wording, receipts, links, gateways."""
