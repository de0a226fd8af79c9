"""The clock and the queue: escalations, deliveries, retention; no GraphQL."""
