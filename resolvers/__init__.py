"""How each noun is answered: a read returns a query, a verb applies a rule."""
