-- SPDX-License-Identifier: Apache-2.0
-- What administrators see and do.
ALTER TABLE identity_account
    ADD COLUMN once_us BIGINT NOT NULL DEFAULT 0; -- a one-time password's end, us UTC, plain
CREATE INDEX identity_account_kind ON identity_account (kind, id);
CREATE INDEX identity_grant_role ON identity_grant (role, unit);
-- Words of officials' user names and names: found without a name being kept in clear.
CREATE TABLE identity_word (
    token TEXT NOT NULL, -- keyed token of one folded word, plain
    account TEXT NOT NULL, -- the account, plain
    CONSTRAINT identity_word_pk PRIMARY KEY (token, account),
    CONSTRAINT identity_word_account FOREIGN KEY (account) REFERENCES identity_account (id)
);
CREATE INDEX identity_word_of ON identity_word (account);
-- An administrator's acts on an account, with their reasons.
CREATE TABLE identity_act (
    id TEXT NOT NULL, -- sortable id, named in the audit trail, plain
    account TEXT NOT NULL, -- the account acted on, plain
    action TEXT NOT NULL, -- disable, enable, give, end, sessions or once, plain
    about TEXT NOT NULL, -- role and unit of the post, else empty, plain
    actor BLOB NOT NULL, -- who did it, name as shown, sealed, personal
    reason BLOB NOT NULL, -- reason given, sealed, personal
    at_us BIGINT NOT NULL, -- when, microseconds UTC, plain
    CONSTRAINT identity_act_pk PRIMARY KEY (id),
    CONSTRAINT identity_act_account FOREIGN KEY (account) REFERENCES identity_account (id)
);
CREATE INDEX identity_act_of ON identity_act (account, id);
