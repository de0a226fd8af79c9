"""Rows: tables, visibility, migrations, connections; never GraphQL."""
