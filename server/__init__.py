"""The edge: HTTP, tokens, errors, settings and the command line."""
