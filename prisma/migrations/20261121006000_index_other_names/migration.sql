-- Whoever is asked for by another name than its own: a distinguished name, user@domain.
create index principals_also_known_as on principals using gin ((attributes -> 'alsoKnownAs')) where removed_at is null and attributes ? 'alsoKnownAs';
