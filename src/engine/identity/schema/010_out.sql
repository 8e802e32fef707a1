-- SPDX-License-Identifier: Apache-2.0
-- expand: who was told of a sign-in is told of its end (OpenID Connect Back-Channel Logout 1.0).
CREATE TABLE identity_party (
    sid TEXT NOT NULL, -- the sign-in's name (web_session.sid), plain
    client TEXT NOT NULL, -- relying party that got an id_token of it, agency code, plain
    account TEXT NOT NULL, -- who signed in, plain
    at_us BIGINT NOT NULL, -- got one last at, microseconds UTC, plain
    CONSTRAINT identity_party_pk PRIMARY KEY (sid, client, account)
);
CREATE INDEX identity_party_of ON identity_party (account, client, at_us);
CREATE INDEX identity_party_at ON identity_party (at_us);
ALTER TABLE identity_code
    ADD COLUMN sid TEXT NOT NULL DEFAULT ''; -- the sign-in it was given in, empty unknown, plain
CREATE INDEX identity_code_sid ON identity_code (sid) WHERE sid <> '';
-- Where this node is the relying party.
ALTER TABLE identity_account
    ADD COLUMN subject TEXT NOT NULL DEFAULT ''; -- the provider's name for them here, plain
CREATE INDEX identity_account_subject ON identity_account (subject) WHERE subject <> '';
