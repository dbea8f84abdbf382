-- Whose reports somebody was before they were handed to another: while the source still names that manager, the other stays.
alter table identities add column if not exists handed_from uuid references identities;
-- What was handed over before this, where it still stands.
update identities i set handed_from = o.identity_id from offboarding_items t join offboardings o on o.id = t.offboarding_id
  where t.kind = 'report' and t.disposition = 'hand_over' and t.subject_id = i.id::text and t.to_id = i.manager_id
    and o.state <> 'cancelled' and i.handed_from is null;
