"""Filling tables in bulk, by streaming COPY, as the owner role."""
