"""Nouns: what clients see, described; resolvers say how each field is read."""
