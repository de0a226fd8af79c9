"""Schema history, run by the owner role."""
