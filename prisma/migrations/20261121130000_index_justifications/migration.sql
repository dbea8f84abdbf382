-- Why the access of an account may stand, also at a time in the past.
create index justifications_of_account on justifications (account_id);
