"""Mail: an outbox in the same transaction as its cause, delivery, suppression."""
