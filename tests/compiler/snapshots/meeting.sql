SELECT JSON_OBJECT(
  'orgUnit' VALUE (SELECT JSON_OBJECT(
      'meetings' VALUE (SELECT JSON_OBJECT(
          'nodes' VALUE coalesce(anon_4.l0, '[]'::json) RETURNING json) AS anon_3
        FROM (SELECT json_agg(JSON_OBJECT(
              'title' VALUE t1.title,
              'at' VALUE t1.at,
              'heldAt' VALUE t1.held_at,
              'agenda' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                      'resolution' VALUE t2.resolution,
                      'ticket' VALUE (SELECT JSON_OBJECT(
                          'number' VALUE t3.number RETURNING json) AS anon_5
                        FROM (SELECT ticket.number AS number
                          FROM ticket
                          WHERE ticket.id = t2.ticket_id
                          AND ticket.locality_id = $1::VARCHAR
                          AND ticket.locality_id = $2::VARCHAR
                          AND ((ticket.unit_path ^@ ANY ($3::TEXT[])) OR (ticket.handler_path ^@ ANY ($3::TEXT[])) OR ticket.reporter_id = $4::UUID OR coalesce(ticket.joint_scopes && $3::TEXT[], false))) AS t3) RETURNING json)), '[]'::json) AS coalesce_1
                FROM (SELECT agenda_item.resolution AS resolution, agenda_item.ticket_id AS ticket_id
                  FROM agenda_item
                  WHERE agenda_item.meeting_id = t1.id
                  AND agenda_item.locality_id = $1::VARCHAR
                  AND agenda_item.locality_id = $2::VARCHAR
                  AND ((agenda_item.unit_path ^@ ANY ($3::TEXT[])) OR (agenda_item.handler_path ^@ ANY ($3::TEXT[])) OR agenda_item.reporter_id = $4::UUID OR coalesce(agenda_item.joint_scopes && $3::TEXT[], false))
                  ORDER BY agenda_item.tabled_at, agenda_item.ticket_id) AS t2) RETURNING json)) AS l0
          FROM (SELECT meeting.title AS title, meeting.at AS at, meeting.held_at AS held_at, meeting.id AS id
            FROM meeting
            WHERE meeting.unit_path >= t0.path
            AND meeting.unit_path < (t0.path || '~')
            AND meeting.held_at IS NOT NULL
            AND meeting.locality_id = $1::VARCHAR
            AND meeting.locality_id = $2::VARCHAR
            ORDER BY meeting.at DESC, meeting.id DESC
            LIMIT $5::INTEGER) AS t1) AS anon_4),
      'serviceRecords' VALUE (SELECT JSON_OBJECT(
          'nodes' VALUE coalesce(anon_7.l0, '[]'::json) RETURNING json) AS anon_6
        FROM (SELECT json_agg(JSON_OBJECT(
              'kind' VALUE t4.kind,
              'visit' VALUE (SELECT JSON_OBJECT(
                  'livingSituation' VALUE CASE WHEN (t5.person_id = $4::UUID OR t5.recipient_id = $4::UUID) THEN t5.living_situation WHEN (t5.living_situation IS NOT NULL) THEN '****' ELSE NULL END,
                  'needs' VALUE CASE WHEN (t5.person_id = $4::UUID OR t5.recipient_id = $4::UUID) THEN t5.needs WHEN (t5.needs IS NOT NULL) THEN '****' ELSE NULL END,
                  'skills' VALUE CASE WHEN (t5.person_id = $4::UUID OR t5.recipient_id = $4::UUID) THEN t5.skills WHEN (t5.skills IS NOT NULL) THEN '****' ELSE NULL END,
                  'difficulties' VALUE CASE WHEN (t5.person_id = $4::UUID OR t5.recipient_id = $4::UUID) THEN t5.difficulties WHEN (t5.difficulties IS NOT NULL) THEN '****' ELSE NULL END RETURNING json) AS anon_8
                FROM (SELECT visit_private.living_situation AS living_situation, visit_private.person_id AS person_id, visit_private.recipient_id AS recipient_id, visit_private.needs AS needs, visit_private.skills AS skills, visit_private.difficulties AS difficulties
                  FROM visit_private
                  WHERE visit_private.service_record_id = t4.id
                  AND visit_private.locality_id = $1::VARCHAR
                  AND visit_private.locality_id = $2::VARCHAR
                  AND ((visit_private.unit_path ^@ ANY ($3::TEXT[])) OR visit_private.person_id = $4::UUID OR visit_private.recipient_id = $4::UUID)) AS t5),
              'corrections' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                      'sequence' VALUE t6.sequence,
                      'reason' VALUE t6.reason,
                      'kind' VALUE t6.kind RETURNING json)), '[]'::json) AS coalesce_2
                FROM (SELECT service_record_event.sequence AS sequence, service_record_event.reason AS reason, service_record_event.kind AS kind
                  FROM service_record_event
                  WHERE service_record_event.service_record_id = t4.id
                  AND service_record_event.locality_id = $1::VARCHAR
                  AND (service_record_event.locality_id = $2::VARCHAR
                    AND ((service_record_event.unit_path ^@ ANY ($3::TEXT[])) OR (service_record_event.handler_path ^@ ANY ($3::TEXT[])) OR service_record_event.recipient_id = $4::UUID OR coalesce(service_record_event.joint_scopes && $3::TEXT[], false)) OR service_record_event.locality_id = $2::VARCHAR
                    AND service_record_event.person_id = $4::UUID)
                  ORDER BY service_record_event.sequence) AS t6) RETURNING json)) AS l0
          FROM (SELECT service_record.kind AS kind, service_record.id AS id
            FROM service_record
            WHERE service_record.unit_path >= t0.path
            AND service_record.unit_path < (t0.path || '~')
            AND service_record.locality_id = $1::VARCHAR
            AND (service_record.locality_id = $2::VARCHAR
              AND ((service_record.unit_path ^@ ANY ($3::TEXT[])) OR (service_record.handler_path ^@ ANY ($3::TEXT[])) OR service_record.recipient_id = $4::UUID OR coalesce(service_record.joint_scopes && $3::TEXT[], false)) OR service_record.locality_id = $2::VARCHAR
              AND service_record.person_id = $4::UUID)
            ORDER BY service_record.at DESC, service_record.id DESC
            LIMIT $6::INTEGER) AS t4) AS anon_7) RETURNING json) AS anon_2
    FROM (SELECT org_unit.path AS path
      FROM org_unit
      WHERE org_unit.valid_from <= CURRENT_DATE
      AND org_unit.valid_to > CURRENT_DATE
      AND org_unit.id = $7::UUID
      AND org_unit.locality_id = $1::VARCHAR) AS t0) RETURNING json) AS anon_1
-- $1 = Slot(path=('unit',))
-- $2 = FromScope(name='locality')
-- $3 = FromScope(name='prefixes')
-- $4 = FromScope(name='person')
-- $5 = Fixed(value=2)
-- $6 = Fixed(value=4)
-- $7 = Slot(path=('unit',))
