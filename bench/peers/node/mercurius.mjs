// Mercurius with JIT and loaders: one batched, prepared statement for each field of each level.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const PLACE = "simulated";
// Answers carry times as text, as PostgreSQL writes them in JSON: no Date is made on the way.
for (const oid of [pg.types.builtins.TIMESTAMPTZ, pg.types.builtins.DATE]) {
  pg.types.setTypeParser(oid, (text) => text);
}
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });

async function rows(name, text, values) {
  return (await pool.query({ name, text, values })).rows;
}

/** For each key, in order, what `of` says of its rows. */
function byKey(keys, found, of) {
  const groups = new Map();
  for (const row of found) {
    const group = groups.get(row.of);
    if (group) group.push(row);
    else groups.set(row.of, [row]);
  }
  return keys.map((key) => of(groups.get(key) ?? []));
}

const many = (group) => group;
const one = (group) => group[0] ?? null;

/** A loader: one statement for all the parents of a level. */
function loader(name, key, of, text, extra = () => []) {
  return async (asked) => {
    const keys = asked.map(({ obj }) => key(obj));
    const wanted = [...new Set(keys.filter((each) => each !== null))];
    if (wanted.length === 0) return keys.map(() => of([]));
    const found = await rows(name, text, [PLACE, wanted, ...extra(asked[0].params)]);
    return byKey(keys, found, of);
  };
}

const UNIT = "u.id, u.name, u.code, u.level_code, u.path";
const TICKET = `t.id, t.number, t.title, t.status, t.severity, t.unit_id, t.category_code,
  t.reporter_id, t.next_route, t.next_rule, t.next_unit_id,
  to_json(t.created_at)#>>'{}' AS "createdAt", to_json(t.due_at)#>>'{}' AS "dueAt",
  to_json(t.next_due_at)#>>'{}' AS next_due_at`;
const HELD = "valid_from <= CURRENT_DATE AND valid_to > CURRENT_DATE";

const capacity = (which) => loader(`post_${which}`, (post) => post.id, one, `
  SELECT a.post_id AS of, n.id, n.name FROM (
    SELECT DISTINCT ON (post_id) post_id, person_id FROM appointment
    WHERE locality_id = $1 AND post_id = ANY ($2::uuid[]) AND capacity = '${which}' AND ${HELD}
    ORDER BY post_id, valid_from DESC, id) a
  JOIN person n ON n.locality_id = $1 AND n.id = a.person_id`);
const unitBy = (name, key) => loader(`unit_${name}`, key, one,
  `SELECT u.id AS of, ${UNIT} FROM org_unit u WHERE u.locality_id = $1 AND u.id = ANY ($2::uuid[])`);
const personBy = (name, key) => loader(`person_${name}`, key, one,
  "SELECT id AS of, id, name FROM person WHERE locality_id = $1 AND id = ANY ($2::uuid[])");
const category = loader("category", (ticket) => ticket.category_code, one,
  "SELECT code AS of, name FROM category WHERE locality_id = $1 AND code = ANY ($2::text[])");

const loaders = {
  OrgUnit: {
    level: loader("level", (unit) => unit.level_code, one,
      "SELECT code AS of, name, kind FROM level WHERE locality_id = $1 AND code = ANY ($2::text[])"),
    children: loader("children", (unit) => unit.id, many, `
      SELECT u.parent_id AS of, ${UNIT} FROM org_unit u
      WHERE u.locality_id = $1 AND u.parent_id = ANY ($2::uuid[]) AND ${HELD}
      ORDER BY u.position, u.id`),
    ancestors: loader("ancestors", (unit) => unit.path, many, `
      SELECT below.path AS of, ${UNIT} FROM unnest($2::text[]) AS below(path)
      JOIN org_unit u ON u.locality_id = $1 AND u.path <> below.path AND u.path = ANY (
        ARRAY(SELECT left(below.path, 4 * g) FROM generate_series(1, length(below.path) / 4) g))
      ORDER BY u.path`),
    posts: loader("posts", (unit) => unit.id, many, `
      SELECT unit_id AS of, id, title, kind FROM post
      WHERE locality_id = $1 AND unit_id = ANY ($2::uuid[]) ORDER BY position, id`),
    tickets: loader("open_tickets", (unit) => unit.path, (nodes) => ({ nodes }), `
      SELECT z.path AS of, z.* FROM unnest($2::text[]) AS top(path) CROSS JOIN LATERAL (
        SELECT z.path, ${TICKET} FROM ticket_scope z
        JOIN ticket t ON t.locality_id = $1 AND t.id = z.ticket_id
        WHERE z.locality_id = $1 AND z.path = top.path AND z.open AND t.open
        ORDER BY z.created_at DESC, z.ticket_id DESC LIMIT $3) z`, (params) => [params.first]),
  },
  Post: { holder: capacity("HOLDER"), cover: capacity("COVER") },
  Ticket: {
    category,
    orgUnit: unitBy("of_ticket", (ticket) => ticket.unit_id),
    reporter: personBy("reporter", (ticket) => ticket.reporter_id),
    serviceRecords: loader("records", (ticket) => ticket.id, (nodes) => ({ nodes }), `
      SELECT top.id AS of, s.* FROM unnest($2::uuid[]) AS top(id) CROSS JOIN LATERAL (
        SELECT kind, to_json(at)#>>'{}' AS at, note, person_id FROM service_record
        WHERE locality_id = $1 AND ticket_id = top.id
        ORDER BY service_record.at DESC, service_record.id DESC LIMIT $3) s`, (params) => [params.first]),
    escalationChain: loader("chain", (ticket) => ticket.id, many, `
      SELECT ticket_id AS of, sequence, route, reason, rule, to_json(at)#>>'{}' AS at,
        to_json(due_at)#>>'{}' AS "dueAt", to_json(left_at)#>>'{}' AS "leftAt",
        from_unit_id, to_unit_id
      FROM escalation_hop WHERE locality_id = $1 AND ticket_id = ANY ($2::uuid[])
      ORDER BY sequence`),
  },
  EscalationHop: {
    fromUnit: unitBy("from", (hop) => hop.from_unit_id),
    toUnit: unitBy("to", (hop) => hop.to_unit_id),
  },
  NextHop: { toUnit: unitBy("next", (hop) => hop.next_unit_id) },
  ServiceRecord: { person: personBy("server", (record) => record.person_id) },
};

const resolvers = {
  Query: {
    orgUnit: async (_, { id }) => one(await rows("unit",
      `SELECT ${UNIT} FROM org_unit u WHERE u.locality_id = $1 AND u.id = $2`, [PLACE, id])),
    ticket: async (_, { id }) => one(await rows("ticket",
      `SELECT ${TICKET} FROM ticket t WHERE t.locality_id = $1 AND t.id = $2`, [PLACE, id])),
  },
  Ticket: {
    nextHop: (ticket) => ticket.next_route === null ? null : {
      route: ticket.next_route, rule: ticket.next_rule, dueAt: ticket.next_due_at,
      next_unit_id: ticket.next_unit_id,
    },
  },
  OrgUnit: {
    // A page with cursors: one root asks for it once, so it needs no loader.
    listed: async (unit, { status, first, after }) => {
      const beyond = after ? JSON.parse(Buffer.from(after, "base64url").toString()) : null;
      const found = await rows(beyond ? "listed_after" : "listed", `
        SELECT ${TICKET} FROM ticket_scope z
        JOIN ticket t ON t.locality_id = $1 AND t.id = z.ticket_id
        WHERE z.locality_id = $1 AND z.path = $2 AND t.status = ANY ($3::text[])
          ${beyond ? "AND (z.created_at, z.ticket_id) < ($5::timestamptz, $6::uuid)" : ""}
        ORDER BY z.created_at DESC, z.ticket_id DESC LIMIT $4`,
        [PLACE, unit.path, status, first + 1, ...(beyond ?? [])]);
      const page = found.slice(0, first).map((node) => ({ cursor: cursorOf(node), node }));
      const last = page.at(-1);
      return {
        edges: page,
        pageInfo: { hasNextPage: found.length > first, endCursor: last?.cursor ?? null },
      };
    },
  },
};

function cursorOf(ticket) {
  return Buffer.from(JSON.stringify([ticket.createdAt, ticket.id])).toString("base64url");
}

const schema = `
  type Query { orgUnit(id: ID!): OrgUnit ticket(id: ID!): Ticket }
  type Level { name: String! kind: String! }
  type Person { name: String! }
  type Category { name: String! }
  type Post { title: String! kind: String! holder: Person cover: Person }
  type OrgUnit {
    id: ID! name: String! code: String! level: Level children: [OrgUnit!]! ancestors: [OrgUnit!]!
    posts: [Post!]! tickets(first: Int = 20): TicketPage!
    listed(status: [String!], first: Int = 50, after: String): TicketConnection!
  }
  type TicketPage { nodes: [Ticket!]! }
  type TicketConnection { edges: [TicketEdge!]! pageInfo: PageInfo! }
  type TicketEdge { cursor: String! node: Ticket! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Ticket {
    id: ID! number: String! title: String! status: String! severity: String! createdAt: String!
    dueAt: String category: Category orgUnit: OrgUnit reporter: Person
    escalationChain: [EscalationHop!]! nextHop: NextHop
    serviceRecords(first: Int = 20): ServiceRecordPage!
  }
  type EscalationHop {
    sequence: Int! route: String! reason: String rule: String at: String! dueAt: String
    leftAt: String fromUnit: OrgUnit toUnit: OrgUnit
  }
  type NextHop { route: String! rule: String dueAt: String toUnit: OrgUnit }
  type ServiceRecordPage { nodes: [ServiceRecord!]! }
  type ServiceRecord { kind: String! at: String! note: String person: Person }
`;

const app = Fastify();
// JIT from the second request on; answers of loaders are not kept between requests.
app.register(mercurius, { schema, resolvers, loaders, jit: 1 });
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
console.log("ready");
