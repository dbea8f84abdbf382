-- The types of resources there are, and lists of one type.
create index resources_type on resources (type, lower(name), id) where removed_at is null;
