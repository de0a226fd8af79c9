SELECT JSON_OBJECT(
  'nodes' VALUE (SELECT coalesce(json_agg(CASE WHEN (asked.tag = $1::VARCHAR) THEN (SELECT JSON_OBJECT(
            '__typename' VALUE 'OrgUnit',
            'id' VALUE 'unit_' || CAST(t0.locality_id AS TEXT) || '_' || CAST(t0.id AS TEXT),
            'name' VALUE t0.name RETURNING json) AS anon_2
          FROM (SELECT org_unit.locality_id AS locality_id, org_unit.id AS id, org_unit.name AS name
            FROM org_unit
            WHERE org_unit.id = asked.key
            AND org_unit.locality_id = asked.locality) AS t0) WHEN (asked.tag = $2::VARCHAR) THEN (SELECT JSON_OBJECT(
            '__typename' VALUE 'Person',
            'id' VALUE 'person_' || CAST(t1.locality_id AS TEXT) || '_' || CAST(t1.id AS TEXT),
            'name' VALUE t1.name,
            'private' VALUE (SELECT JSON_OBJECT(
                'phone' VALUE CASE WHEN (t2.phone IS NOT NULL) THEN CASE WHEN (length(t2.phone) >= $3::INTEGER) THEN left(t2.phone, $4::INTEGER) || '****' || right(t2.phone, $5::INTEGER) ELSE '****' END ELSE NULL END,
                'address' VALUE CASE WHEN (t2.address IS NOT NULL) THEN CASE WHEN (length(t2.address) >= $6::INTEGER) THEN left(t2.address, $7::INTEGER) || '****' ELSE '****' END ELSE NULL END RETURNING json) AS anon_4
              FROM (SELECT person_private.locality_id AS locality_id, person_private.phone AS phone, person_private.address AS address
                FROM person_private
                WHERE person_private.person_id = t1.id
                AND person_private.locality_id = t1.locality_id
                AND person_private.locality_id = $8::VARCHAR
                AND ((person_private.unit_path ^@ ANY ($9::TEXT[])) OR person_private.person_id = $10::UUID)) AS t2) RETURNING json) AS anon_3
          FROM (SELECT person.locality_id AS locality_id, person.id AS id, person.name AS name
            FROM person
            WHERE person.id = asked.key
            AND person.locality_id = asked.locality
            AND (person.published OR person.locality_id = $8::VARCHAR
              AND ((person.unit_path ^@ ANY ($9::TEXT[])) OR person.id = $10::UUID))) AS t1) WHEN (asked.tag = $11::VARCHAR) THEN (SELECT JSON_OBJECT(
            '__typename' VALUE 'Post',
            'id' VALUE 'post_' || CAST(t3.locality_id AS TEXT) || '_' || CAST(t3.id AS TEXT),
            'title' VALUE t3.title,
            'holder' VALUE (SELECT JSON_OBJECT(
                'name' VALUE t4.name RETURNING json) AS anon_6
              FROM (SELECT person.locality_id AS locality_id, person.name AS name
                FROM person
                WHERE person.id = (SELECT appointment.person_id
                  FROM appointment
                  WHERE appointment.locality_id = t3.locality_id
                  AND appointment.post_id = t3.id
                  AND appointment.capacity = $12::VARCHAR
                  AND appointment.valid_from <= CURRENT_DATE
                  AND appointment.valid_to > CURRENT_DATE
                  ORDER BY appointment.valid_from DESC, appointment.id
                  LIMIT $13::INTEGER)
                AND person.locality_id = t3.locality_id
                AND (person.published OR person.locality_id = $8::VARCHAR
                  AND ((person.unit_path ^@ ANY ($9::TEXT[])) OR person.id = $10::UUID))) AS t4) RETURNING json) AS anon_5
          FROM (SELECT post.locality_id AS locality_id, post.id AS id, post.title AS title
            FROM post
            WHERE post.id = asked.key
            AND post.locality_id = asked.locality) AS t3) WHEN (asked.tag = $14::VARCHAR) THEN (SELECT JSON_OBJECT(
            '__typename' VALUE 'Ticket',
            'id' VALUE 'ticket_' || CAST(t5.locality_id AS TEXT) || '_' || CAST(t5.id AS TEXT),
            'number' VALUE t5.number RETURNING json) AS anon_7
          FROM (SELECT ticket.locality_id AS locality_id, ticket.id AS id, ticket.number AS number
            FROM ticket
            WHERE ticket.id = asked.key
            AND ticket.locality_id = asked.locality
            AND ticket.locality_id = $8::VARCHAR
            AND ((ticket.unit_path ^@ ANY ($9::TEXT[])) OR (ticket.handler_path ^@ ANY ($9::TEXT[])) OR ticket.reporter_id = $10::UUID OR coalesce(ticket.joint_scopes && $9::TEXT[], false))) AS t5) WHEN (asked.tag = $15::VARCHAR) THEN (SELECT JSON_OBJECT(
            '__typename' VALUE 'ServiceRecord',
            'id' VALUE 'record_' || CAST(t6.locality_id AS TEXT) || '_' || CAST(t6.id AS TEXT),
            'kind' VALUE t6.kind,
            'at' VALUE t6.at RETURNING json) AS anon_8
          FROM (SELECT service_record.locality_id AS locality_id, service_record.id AS id, service_record.kind AS kind, service_record.at AS at
            FROM service_record
            WHERE service_record.id = asked.key
            AND service_record.locality_id = asked.locality
            AND (service_record.locality_id = $8::VARCHAR
              AND ((service_record.unit_path ^@ ANY ($9::TEXT[])) OR (service_record.handler_path ^@ ANY ($9::TEXT[])) OR service_record.recipient_id = $10::UUID OR coalesce(service_record.joint_scopes && $9::TEXT[], false)) OR service_record.locality_id = $8::VARCHAR
              AND service_record.person_id = $10::UUID)) AS t6) WHEN (asked.tag = $16::VARCHAR) THEN (SELECT JSON_OBJECT(
            '__typename' VALUE 'Attachment',
            'id' VALUE 'attachment_' || CAST(t7.locality_id AS TEXT) || '_' || CAST(t7.id AS TEXT) RETURNING json) AS anon_9
          FROM (SELECT attachment.locality_id AS locality_id, attachment.id AS id
            FROM attachment
            WHERE attachment.id = asked.key
            AND attachment.locality_id = asked.locality
            AND attachment.locality_id = $8::VARCHAR
            AND ((attachment.unit_path ^@ ANY ($9::TEXT[])) OR (attachment.handler_path ^@ ANY ($9::TEXT[])) OR attachment.reporter_id = $10::UUID OR coalesce(attachment.joint_scopes && $9::TEXT[], false))) AS t7) WHEN (asked.tag = $17::VARCHAR) THEN (SELECT JSON_OBJECT(
            '__typename' VALUE 'Meeting',
            'id' VALUE 'meeting_' || CAST(t8.locality_id AS TEXT) || '_' || CAST(t8.id AS TEXT) RETURNING json) AS anon_10
          FROM (SELECT meeting.locality_id AS locality_id, meeting.id AS id
            FROM meeting
            WHERE meeting.id = asked.key
            AND meeting.locality_id = asked.locality
            AND meeting.locality_id = $8::VARCHAR) AS t8) WHEN (asked.tag = $18::VARCHAR) THEN (SELECT JSON_OBJECT(
            '__typename' VALUE 'Webhook',
            'id' VALUE 'webhook_' || CAST(t9.locality_id AS TEXT) || '_' || CAST(t9.id AS TEXT) RETURNING json) AS anon_11
          FROM (SELECT webhook.locality_id AS locality_id, webhook.id AS id
            FROM webhook
            WHERE webhook.id = asked.key
            AND webhook.locality_id = asked.locality
            AND webhook.locality_id = $8::VARCHAR
            AND ((webhook.root_path ^@ ANY ($9::TEXT[])) OR webhook.owner_id = $10::UUID)) AS t9) WHEN (asked.tag = $19::VARCHAR) THEN (SELECT JSON_OBJECT(
            '__typename' VALUE 'WebhookDelivery',
            'id' VALUE 'delivery_' || CAST(t10.locality_id AS TEXT) || '_' || CAST(t10.id AS TEXT) RETURNING json) AS anon_12
          FROM (SELECT webhook_delivery.locality_id AS locality_id, webhook_delivery.id AS id
            FROM webhook_delivery
            WHERE webhook_delivery.id = asked.key
            AND webhook_delivery.locality_id = asked.locality
            AND webhook_delivery.locality_id = $8::VARCHAR
            AND ((webhook_delivery.root_path ^@ ANY ($9::TEXT[])) OR webhook_delivery.owner_id = $10::UUID)) AS t10) WHEN (asked.tag = $20::VARCHAR) THEN (SELECT JSON_OBJECT(
            '__typename' VALUE 'AccessToken',
            'id' VALUE 'token_' || CAST(t11.locality_id AS TEXT) || '_' || CAST(t11.id AS TEXT) RETURNING json) AS anon_13
          FROM (SELECT access_token.locality_id AS locality_id, access_token.id AS id
            FROM access_token
            WHERE access_token.id = asked.key
            AND access_token.locality_id = asked.locality
            AND access_token.locality_id = $8::VARCHAR
            AND (access_token.person_id = $10::UUID OR $21::VARCHAR = ANY ($22::TEXT[]) OR $10::UUID = $23::UUID)) AS t11) WHEN (asked.tag = $24::VARCHAR) THEN (SELECT JSON_OBJECT(
            '__typename' VALUE 'Office',
            'id' VALUE 'office_' || CAST(t12.locality_id AS TEXT) || '_' || CAST(t12.id AS TEXT) RETURNING json) AS anon_14
          FROM (SELECT office.locality_id AS locality_id, office.id AS id
            FROM office
            WHERE office.id = asked.key
            AND office.locality_id = asked.locality
            AND office.locality_id = $8::VARCHAR
            AND (office.person_id = $10::UUID OR $25::VARCHAR = ANY ($22::TEXT[]) OR $10::UUID = $26::UUID)) AS t12) END), '[]'::json) AS coalesce_1
    FROM unnest($27::TEXT[], $28::TEXT[], $29::UUID[]) WITH ORDINALITY AS asked(tag, locality, key, place)) RETURNING json) AS anon_1
-- $1 = Fixed(value='unit')
-- $2 = Fixed(value='person')
-- $3 = Fixed(value=11)
-- $4 = Fixed(value=3)
-- $5 = Fixed(value=4)
-- $6 = Fixed(value=12)
-- $7 = Fixed(value=6)
-- $8 = FromScope(name='locality')
-- $9 = FromScope(name='prefixes')
-- $10 = FromScope(name='person')
-- $11 = Fixed(value='post')
-- $12 = Fixed(value=<Capacity.HOLDER: 'HOLDER'>)
-- $13 = Fixed(value=1)
-- $14 = Fixed(value='ticket')
-- $15 = Fixed(value='record')
-- $16 = Fixed(value='attachment')
-- $17 = Fixed(value='meeting')
-- $18 = Fixed(value='webhook')
-- $19 = Fixed(value='delivery')
-- $20 = Fixed(value='token')
-- $21 = Fixed(value='ADMINISTRATOR')
-- $22 = FromScope(name='offices')
-- $23 = Fixed(value=UUID('00000000-0000-0000-0000-000000000000'))
-- $24 = Fixed(value='office')
-- $25 = Fixed(value='ADMINISTRATOR')
-- $26 = Fixed(value=UUID('00000000-0000-0000-0000-000000000000'))
-- $27 = Slot(path=('ids',))
-- $28 = Slot(path=('ids',))
-- $29 = Slot(path=('ids',))
