-- What a user of PostGraphile adds for the four requests: computed fields as inlinable SQL functions.
CREATE SCHEMA IF NOT EXISTS peers;

CREATE OR REPLACE FUNCTION peers.org_unit_children(u public.org_unit) RETURNS SETOF public.org_unit
LANGUAGE sql STABLE AS $$
    SELECT * FROM public.org_unit c
    WHERE c.locality_id = u.locality_id AND c.parent_id = u.id
        AND c.valid_from <= CURRENT_DATE AND c.valid_to > CURRENT_DATE
    ORDER BY c.position, c.id
$$;
COMMENT ON FUNCTION peers.org_unit_children IS '@behavior +list -connection';

CREATE OR REPLACE FUNCTION peers.org_unit_ancestors(u public.org_unit) RETURNS SETOF public.org_unit
LANGUAGE sql STABLE AS $$
    SELECT * FROM public.org_unit a
    WHERE a.locality_id = u.locality_id AND a.path <> u.path AND a.path = ANY (
        ARRAY(SELECT left(u.path, 4 * g) FROM generate_series(1, length(u.path) / 4) g))
    ORDER BY a.path
$$;
COMMENT ON FUNCTION peers.org_unit_ancestors IS '@behavior +list -connection';

CREATE OR REPLACE FUNCTION peers.org_unit_own_posts(u public.org_unit) RETURNS SETOF public.post
LANGUAGE sql STABLE AS $$
    SELECT * FROM public.post p WHERE p.locality_id = u.locality_id AND p.unit_id = u.id
    ORDER BY p.position, p.id
$$;
COMMENT ON FUNCTION peers.org_unit_own_posts IS '@behavior +list -connection';

CREATE OR REPLACE FUNCTION peers.post_holder(p public.post) RETURNS public.person
LANGUAGE sql STABLE AS $$
    SELECT n.* FROM public.person n WHERE n.locality_id = p.locality_id AND n.id = (
        SELECT a.person_id FROM public.appointment a
        WHERE a.locality_id = p.locality_id AND a.post_id = p.id AND a.capacity = 'HOLDER'
            AND a.valid_from <= CURRENT_DATE AND a.valid_to > CURRENT_DATE
        ORDER BY a.valid_from DESC, a.id LIMIT 1)
$$;

CREATE OR REPLACE FUNCTION peers.post_cover(p public.post) RETURNS public.person
LANGUAGE sql STABLE AS $$
    SELECT n.* FROM public.person n WHERE n.locality_id = p.locality_id AND n.id = (
        SELECT a.person_id FROM public.appointment a
        WHERE a.locality_id = p.locality_id AND a.post_id = p.id AND a.capacity = 'COVER'
            AND a.valid_from <= CURRENT_DATE AND a.valid_to > CURRENT_DATE
        ORDER BY a.valid_from DESC, a.id LIMIT 1)
$$;

CREATE OR REPLACE FUNCTION peers.org_unit_open_tickets(u public.org_unit) RETURNS SETOF public.ticket
LANGUAGE sql STABLE AS $$
    SELECT t.* FROM public.ticket_scope z
    JOIN public.ticket t ON t.locality_id = u.locality_id AND t.id = z.ticket_id
    WHERE z.locality_id = u.locality_id AND z.path = u.path AND z.open AND t.open
    ORDER BY z.created_at DESC, z.ticket_id DESC
$$;
COMMENT ON FUNCTION peers.org_unit_open_tickets IS '@behavior +list -connection';

CREATE OR REPLACE FUNCTION peers.org_unit_tickets_in(u public.org_unit, statuses text[]) RETURNS SETOF public.ticket
LANGUAGE sql STABLE AS $$
    SELECT t.* FROM public.ticket_scope z
    JOIN public.ticket t ON t.locality_id = u.locality_id AND t.id = z.ticket_id
    WHERE z.locality_id = u.locality_id AND z.path = u.path AND t.status = ANY (statuses)
    ORDER BY z.created_at DESC, z.ticket_id DESC
$$;
COMMENT ON FUNCTION peers.org_unit_tickets_in IS '@behavior -list +connection';

CREATE OR REPLACE FUNCTION peers.ticket_latest_records(t public.ticket) RETURNS SETOF public.service_record
LANGUAGE sql STABLE AS $$
    SELECT * FROM public.service_record s WHERE s.locality_id = t.locality_id AND s.ticket_id = t.id
    ORDER BY s.at DESC, s.id DESC
$$;
COMMENT ON FUNCTION peers.ticket_latest_records IS '@behavior +list -connection';
