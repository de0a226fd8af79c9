"""What may be attacked or may break, and what must be true then: the rows of docs/trust.md."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Promise:
    """One row."""

    number: int
    threat: str
    promise: str


DOCUMENTS = (
    Promise(
        1,
        "A body that is no request: `null`, a number, a list, bad UTF-8, `[[[…`, an integer of "
        "5,000 digits, an `operationName` that is no text",
        "400 with a code, never 500",
    ),
    Promise(
        2,
        "Another content type, or one that only looks like JSON's",
        "`application/json` alone is read, with or without parameters; all else is 415",
    ),
    Promise(
        3,
        "Things done by GET, or by a page on another site",
        "no mutation by GET; a query only if it is known beforehand or the request says what a "
        "page cannot; the explorer only for browsers, where it is switched on",
    ),
    Promise(
        4,
        "A client that goes by the letter of GraphQL over HTTP",
        "all audits of the public suite pass, `application/graphql-response+json` included",
    ),
    Promise(
        5,
        "A body of 100 MB, announced or in chunks",
        "413 within 100 ms, at most 2 MB more memory",
    ),
    Promise(
        6,
        "Headers or bodies sent drop by drop; 500 sockets of it",
        "closed within 10 s; others wait no longer than before",
    ),
    Promise(
        7,
        "Fields, lists, objects or types nested 100 to 5,000 deep",
        "refused within 10 ms, before validation",
    ),
    Promise(
        8,
        "5,000 aliases, 10,000 directives, 2,000 times the same field",
        "refused within 20 ms, in less than 1 KB",
    ),
    Promise(
        9,
        "Fragments that are circular, undefined, or double at each of 18, 40, 150 levels",
        "refused within 5 ms: each fragment is looked at once",
    ),
    Promise(
        10,
        "Lists in lists, their sizes written out or given in variables",
        "at most 1,000 points an operation, counted with the variables in and before any SQL",
    ),
    Promise(11, "Many operations in one request", "refused"),
    Promise(
        12,
        "Error texts read for what they give away",
        "no name of what is hidden, no word of driver, SQL or path in 100,000 hostile requests",
    ),
    Promise(13, "Thousands of ids in `nodes(ids:)`", "at most 100"),
)

LIVE = (
    Promise(
        14,
        "A socket that never introduces itself; one that subscribes without end",
        "closed within 5 s; at most 20 subscriptions a connection",
    ),
    Promise(
        15,
        "Frames that are lists, numbers, deep, huge, or whose `id` is no text",
        "closed with a code of 44xx; no traceback",
    ),
    Promise(16, "A message of 15 MB", "refused at 64 KB"),
    Promise(
        17,
        "A line broken off in the middle of a busy stream",
        "`/healthz` answers within 100 ms, and SIGTERM still ends the server",
    ),
    Promise(
        18,
        "A token that expires, or an appointment that ends, in mid-stream",
        "closed within 5 s, and no event after it",
    ),
    Promise(19, "A socket opened by a page of another site", "403"),
    Promise(20, "A reader too slow for its stream", "a bounded queue, then closed; memory stays"),
    Promise(
        21,
        "The limits of HTTP got round by WebSocket",
        "every one of them holds there too; the old protocol is not spoken",
    ),
    Promise(
        22,
        "10,000 subscriptions",
        "at most 600 MB; an event is with all of them within 2 s",
    ),
)

SIGHT = (
    Promise(
        23,
        "Every edge of the schema, asked by every kind of viewer about its own place, the one "
        "beside it and the one above",
        "no foreign id and no planted word in any answer; an edge that the matrix lacks fails it",
    ),
    Promise(24, "Forbidden told from absent", "byte for byte the same answer"),
    Promise(
        25,
        "Counts, filters, orders and cursors asked about what is hidden",
        "totals of what is seen; no filter or order on masked fields",
    ),
    Promise(
        26,
        "One wall taken away: the compiled predicate, the policies, or the setting they read",
        "the other one gives the same rows; without the setting, none",
    ),
    Promise(
        27,
        "50 viewers on 4 connections, with requests broken off and backends killed",
        "in 10,000 requests no row of another viewer",
    ),
    Promise(28, "An appointment that ends, a unit that is moved", "in force with the next request"),
    Promise(
        29,
        "Tokens with `none`, with another algorithm, with tricks in `kid`, `jku` and `crit`, or for "
        "another audience, issuer or time",
        "401; offices and appointments come from the database, never from a token",
    ),
    Promise(
        30,
        "An access token that is stolen from the database, or used beyond its scope",
        "only its hash is kept; one that may read cannot write, over WebSocket neither",
    ),
    Promise(
        31,
        "Personal data read",
        "audited cells are the cells given, exactly; what cannot be audited is not given",
    ),
    Promise(
        32,
        "Published counts worked back to single people",
        "no small cell, nor the difference of two answers",
    ),
    Promise(
        33,
        "Cursors and ids that are forged or foreign, 10,000 of them",
        "a 400 with a code; never 500, never a foreign row",
    ),
    Promise(
        34,
        "NUL, half a surrogate pair, characters that turn text round, int64 + 1, NaN, 1e100000, the "
        "year 10000, in every argument",
        "400 before any SQL",
    ),
)

FAULTS = (
    Promise(
        35,
        "One key 50 times at once, with another input, by another person, and in a crash",
        "one effect and its answer again; an error; apart; taken up again",
    ),
    Promise(36, "200 claim one ticket at once", "one of them has it"),
    Promise(37, "A moved under B and B under A at once", "no circle of units"),
    Promise(
        38,
        "A unit with open tickets removed while a ticket comes in",
        "refused with a code, or all of them moved",
    ),
    Promise(
        39,
        "The server killed (SIGKILL) 200 times amid mutations",
        "nothing acknowledged lost, nothing done by half",
    ),
    Promise(
        40,
        "The line cut between COMMIT and the answer, 500 times",
        "sent again under its key: not doubled, not lost",
    ),
    Promise(
        41,
        "PostgreSQL stopped at once, 50 times",
        "503 with Retry-After while it is away; served within 2 s of its return, by the same server",
    ),
    Promise(
        42,
        "A backend killed every second for 5 minutes",
        "no reader sees an error",
    ),
    Promise(
        43,
        "A backend frozen; the network gone for 30 s",
        "no call takes longer than 3 s; healed within 5 s",
    ),
    Promise(
        44,
        "No free connection in the pool or in PostgreSQL, a statement cancelled, a lock, a "
        "deadlock, a serialization failure, a standby, a full disk",
        "codes of their own, 503 where it passes; repeated where that is safe; effects once",
    ),
    Promise(45, "A client that hangs up", "its query is cancelled within 1 s"),
    Promise(
        46,
        "SIGTERM under load",
        "requests under way are answered, sockets told 1012, ended within 10 s",
    ),
    Promise(
        47,
        "10,000 timers, 4 workers, 100 of them killed (SIGKILL)",
        "each takes effect once, and at most 5 s late",
    ),
    Promise(
        48,
        "Five times as many requests as can be served, for 60 s",
        "80 % of what can be served is; the rest is 503 or 429 with Retry-After in 50 ms; "
        "`/healthz` within 100 ms",
    ),
    Promise(
        49,
        "30 minutes at 0.7 of what can be served; two million requests",
        "no 5xx; after warm-up at most 5 % more memory",
    ),
    Promise(
        50,
        "Tables and policies changed under load",
        "no visible error, no lock waited for longer than 2 s",
    ),
    Promise(51, "A backup, and its restore to a moment", "drilled by a script, with figures"),
    Promise(
        52,
        "The logs searched for personal data, or forged by line breaks",
        "no planted word and no raw line break in the logs of all tests",
    ),
    Promise(
        53,
        "Rows of the audit changed, deleted or reordered by a superuser",
        "it is noticed",
    ),
)

PARTS = {
    "Documents and HTTP": DOCUMENTS,
    "WebSocket and server-sent events": LIVE,
    "Who sees what": SIGHT,
    "Data and faults": FAULTS,
}
ROWS = {each.number: each for part in PARTS.values() for each in part}
