-- The question for more time that waits on a grant.
create index if not exists requests_extending on requests (extends_grant_id) where extends_grant_id is not null;
