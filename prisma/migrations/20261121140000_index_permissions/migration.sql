-- The catalogue is searched by permission too: which ones there are, and what has each.
create index entitlements_of_permission on entitlements (permission) where removed_at is null and pattern is null;
