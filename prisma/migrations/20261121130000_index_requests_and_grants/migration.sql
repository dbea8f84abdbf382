-- What the pages page by, and what they look up: the newest first, the next to end, those of a state, those decided last.
create index requests_made on requests (created_at, id);
create index requests_of_state on requests (state, created_at, id);
create index requests_decided on requests (decided_at) where decided_at is not null;
create index requests_asked_back on requests (requester_id) where state = 'pending' and awaits_answer;
create index request_items_of_connection on request_items (connection_id, request_id);
create index grants_made on grants (created_at, id);
create index grants_ending on grants ((coalesce(ends_at, 'infinity'::timestamptz)), id);
create index grants_of_entitlement on grants (entitlement_id) where entitlement_id is not null;
create index grants_drifted on grants (created_at, id) where drift is not null;
create index break_glass_reviews_due on break_glass_reviews (due_at, id) where closed_at is null;
