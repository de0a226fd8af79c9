"""A compiled statement as people read it."""

import re

from compiler.statement import Statement

BREAK = re.compile(r" (?=(?:SELECT|FROM|WHERE|AND|ORDER BY|LIMIT|GROUP BY) )|(?='\w+' VALUE )|[()]")


def pretty(statement: Statement) -> str:
    """The SQL in lines, indented by its parentheses, with where each parameter comes from."""
    sql = re.sub(r"\s*\n\s*", " ", statement.sql)
    lines, depth, at = [""], 0, 0
    for found in BREAK.finditer(sql):
        lines[-1] += sql[at : found.start()]
        at = found.end()
        if found[0] in ("", " "):
            lines.append("  " * depth)
        else:
            lines[-1] += found[0]
            depth += 1 if found[0] == "(" else -1
    lines[-1] += sql[at:]
    fed = [f"-- ${at} = {bind.source}" for at, bind in enumerate(statement.binds, 1)]
    return "\n".join([*(line.rstrip() for line in lines), *fed, ""])
