-- The story of a thing is told from its own events and from those whose details name it. Few events have each of these,
-- so the indexes cost the others nothing.
create index audit_events_of_request on audit_events ((details->>'requestId')) where details ? 'requestId';
create index audit_events_of_grant on audit_events ((details->>'grantId')) where details ? 'grantId';
create index audit_events_of_subject on audit_events ((details->>'subjectId')) where details ? 'subjectId';
create index audit_events_of_identity on audit_events ((details->>'identityId')) where details ? 'identityId';
create index audit_events_of_offboarding on audit_events ((details->>'offboardingId')) where details ? 'offboardingId';
