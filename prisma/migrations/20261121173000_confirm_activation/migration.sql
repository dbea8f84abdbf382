-- Where the policies ask for it, access begins only when its subject has confirmed with a passkey that they are there:
-- until when that may be, when it was, and with which passkey.
alter table grants
  add column confirm_by timestamptz,
  add column confirmed_at timestamptz,
  add column confirmed_with text;
