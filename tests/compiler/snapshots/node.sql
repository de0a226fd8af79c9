SELECT JSON_OBJECT(
  'node' VALUE CASE WHEN ($1::VARCHAR = $2::VARCHAR) THEN (SELECT JSON_OBJECT(
      '__typename' VALUE 'OrgUnit',
      'id' VALUE 'unit_' || CAST($3::VARCHAR AS TEXT) || '_' || CAST(t0.id AS TEXT),
      'name' VALUE t0.name,
      'depth' VALUE length(t0.path) / 4 RETURNING json) AS anon_2
    FROM (SELECT org_unit.id AS id, org_unit.name AS name, org_unit.path AS path
      FROM org_unit
      WHERE org_unit.id = $4::UUID
      AND org_unit.locality_id = $3::VARCHAR) AS t0) WHEN ($1::VARCHAR = $5::VARCHAR) THEN (SELECT JSON_OBJECT(
      '__typename' VALUE 'Person',
      'id' VALUE 'person_' || CAST($3::VARCHAR AS TEXT) || '_' || CAST(t1.id AS TEXT) RETURNING json) AS anon_3
    FROM (SELECT person.id AS id
      FROM person
      WHERE person.id = $4::UUID
      AND person.locality_id = $3::VARCHAR
      AND (person.published OR person.locality_id = $6::VARCHAR
        AND ((person.unit_path ^@ ANY ($7::TEXT[])) OR person.id = $8::UUID))) AS t1) WHEN ($1::VARCHAR = $9::VARCHAR) THEN (SELECT JSON_OBJECT(
      '__typename' VALUE 'Post',
      'id' VALUE 'post_' || CAST($3::VARCHAR AS TEXT) || '_' || CAST(t2.id AS TEXT) RETURNING json) AS anon_4
    FROM (SELECT post.id AS id
      FROM post
      WHERE post.id = $4::UUID
      AND post.locality_id = $3::VARCHAR) AS t2) WHEN ($1::VARCHAR = $10::VARCHAR) THEN (SELECT JSON_OBJECT(
      '__typename' VALUE 'Ticket',
      'id' VALUE 'ticket_' || CAST($3::VARCHAR AS TEXT) || '_' || CAST(t3.id AS TEXT),
      'number' VALUE t3.number,
      'status' VALUE t3.status RETURNING json) AS anon_5
    FROM (SELECT ticket.id AS id, ticket.number AS number, ticket.status AS status
      FROM ticket
      WHERE ticket.id = $4::UUID
      AND ticket.locality_id = $3::VARCHAR
      AND ticket.locality_id = $6::VARCHAR
      AND ((ticket.unit_path ^@ ANY ($7::TEXT[])) OR (ticket.handler_path ^@ ANY ($7::TEXT[])) OR ticket.reporter_id = $8::UUID OR coalesce(ticket.joint_scopes && $7::TEXT[], false))) AS t3) WHEN ($1::VARCHAR = $11::VARCHAR) THEN (SELECT JSON_OBJECT(
      '__typename' VALUE 'ServiceRecord',
      'id' VALUE 'record_' || CAST($3::VARCHAR AS TEXT) || '_' || CAST(t4.id AS TEXT) RETURNING json) AS anon_6
    FROM (SELECT service_record.id AS id
      FROM service_record
      WHERE service_record.id = $4::UUID
      AND service_record.locality_id = $3::VARCHAR
      AND (service_record.locality_id = $6::VARCHAR
        AND ((service_record.unit_path ^@ ANY ($7::TEXT[])) OR (service_record.handler_path ^@ ANY ($7::TEXT[])) OR service_record.recipient_id = $8::UUID OR coalesce(service_record.joint_scopes && $7::TEXT[], false)) OR service_record.locality_id = $6::VARCHAR
        AND service_record.person_id = $8::UUID)) AS t4) WHEN ($1::VARCHAR = $12::VARCHAR) THEN (SELECT JSON_OBJECT(
      '__typename' VALUE 'Attachment',
      'id' VALUE 'attachment_' || CAST($3::VARCHAR AS TEXT) || '_' || CAST(t5.id AS TEXT) RETURNING json) AS anon_7
    FROM (SELECT attachment.id AS id
      FROM attachment
      WHERE attachment.id = $4::UUID
      AND attachment.locality_id = $3::VARCHAR
      AND attachment.locality_id = $6::VARCHAR
      AND ((attachment.unit_path ^@ ANY ($7::TEXT[])) OR (attachment.handler_path ^@ ANY ($7::TEXT[])) OR attachment.reporter_id = $8::UUID OR coalesce(attachment.joint_scopes && $7::TEXT[], false))) AS t5) WHEN ($1::VARCHAR = $13::VARCHAR) THEN (SELECT JSON_OBJECT(
      '__typename' VALUE 'Meeting',
      'id' VALUE 'meeting_' || CAST($3::VARCHAR AS TEXT) || '_' || CAST(t6.id AS TEXT) RETURNING json) AS anon_8
    FROM (SELECT meeting.id AS id
      FROM meeting
      WHERE meeting.id = $4::UUID
      AND meeting.locality_id = $3::VARCHAR
      AND meeting.locality_id = $6::VARCHAR) AS t6) WHEN ($1::VARCHAR = $14::VARCHAR) THEN (SELECT JSON_OBJECT(
      '__typename' VALUE 'Webhook',
      'id' VALUE 'webhook_' || CAST($3::VARCHAR AS TEXT) || '_' || CAST(t7.id AS TEXT) RETURNING json) AS anon_9
    FROM (SELECT webhook.id AS id
      FROM webhook
      WHERE webhook.id = $4::UUID
      AND webhook.locality_id = $3::VARCHAR
      AND webhook.locality_id = $6::VARCHAR
      AND ((webhook.root_path ^@ ANY ($7::TEXT[])) OR webhook.owner_id = $8::UUID)) AS t7) WHEN ($1::VARCHAR = $15::VARCHAR) THEN (SELECT JSON_OBJECT(
      '__typename' VALUE 'WebhookDelivery',
      'id' VALUE 'delivery_' || CAST($3::VARCHAR AS TEXT) || '_' || CAST(t8.id AS TEXT) RETURNING json) AS anon_10
    FROM (SELECT webhook_delivery.id AS id
      FROM webhook_delivery
      WHERE webhook_delivery.id = $4::UUID
      AND webhook_delivery.locality_id = $3::VARCHAR
      AND webhook_delivery.locality_id = $6::VARCHAR
      AND ((webhook_delivery.root_path ^@ ANY ($7::TEXT[])) OR webhook_delivery.owner_id = $8::UUID)) AS t8) WHEN ($1::VARCHAR = $16::VARCHAR) THEN (SELECT JSON_OBJECT(
      '__typename' VALUE 'AccessToken',
      'id' VALUE 'token_' || CAST($3::VARCHAR AS TEXT) || '_' || CAST(t9.id AS TEXT) RETURNING json) AS anon_11
    FROM (SELECT access_token.id AS id
      FROM access_token
      WHERE access_token.id = $4::UUID
      AND access_token.locality_id = $3::VARCHAR
      AND access_token.locality_id = $6::VARCHAR
      AND (access_token.person_id = $8::UUID OR $17::VARCHAR = ANY ($18::TEXT[]) OR $8::UUID = $19::UUID)) AS t9) WHEN ($1::VARCHAR = $20::VARCHAR) THEN (SELECT JSON_OBJECT(
      '__typename' VALUE 'Office',
      'id' VALUE 'office_' || CAST($3::VARCHAR AS TEXT) || '_' || CAST(t10.id AS TEXT) RETURNING json) AS anon_12
    FROM (SELECT office.id AS id
      FROM office
      WHERE office.id = $4::UUID
      AND office.locality_id = $3::VARCHAR
      AND office.locality_id = $6::VARCHAR
      AND (office.person_id = $8::UUID OR $21::VARCHAR = ANY ($18::TEXT[]) OR $8::UUID = $22::UUID)) AS t10) END RETURNING json) AS anon_1
-- $1 = Slot(path=('id',))
-- $2 = Fixed(value='unit')
-- $3 = Slot(path=('id',))
-- $4 = Slot(path=('id',))
-- $5 = Fixed(value='person')
-- $6 = FromScope(name='locality')
-- $7 = FromScope(name='prefixes')
-- $8 = FromScope(name='person')
-- $9 = Fixed(value='post')
-- $10 = Fixed(value='ticket')
-- $11 = Fixed(value='record')
-- $12 = Fixed(value='attachment')
-- $13 = Fixed(value='meeting')
-- $14 = Fixed(value='webhook')
-- $15 = Fixed(value='delivery')
-- $16 = Fixed(value='token')
-- $17 = Fixed(value='ADMINISTRATOR')
-- $18 = FromScope(name='offices')
-- $19 = Fixed(value=UUID('00000000-0000-0000-0000-000000000000'))
-- $20 = Fixed(value='office')
-- $21 = Fixed(value='ADMINISTRATOR')
-- $22 = Fixed(value=UUID('00000000-0000-0000-0000-000000000000'))
