-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE identity_account (
    id TEXT NOT NULL, -- sortable id, plain
    username TEXT NOT NULL, -- typed at sign-in, empty for those who sign in elsewhere, plain
    kind TEXT NOT NULL, -- citizen or official, plain
    person_token TEXT NOT NULL, -- keyed token of the personal number, empty when none, plain
    person BLOB NOT NULL, -- personal number, sealed, personal
    name BLOB NOT NULL, -- full name, sealed, personal
    assurance BIGINT NOT NULL, -- level 0 to 3 (NĐ 59/2022/NĐ-CP), plain
    phc TEXT NOT NULL, -- Argon2id string, empty when no local password, secret
    disabled BIGINT NOT NULL, -- 1 when it may not sign in, plain
    failures BIGINT NOT NULL, -- wrong passwords since the last window began, plain
    window_us BIGINT NOT NULL, -- begin of that window, microseconds UTC, plain
    created_us BIGINT NOT NULL, -- made at, microseconds UTC, plain
    CONSTRAINT identity_account_pk PRIMARY KEY (id)
);
CREATE UNIQUE INDEX identity_account_username ON identity_account (username) WHERE username <> '';
CREATE UNIQUE INDEX identity_account_person ON identity_account (person_token)
    WHERE person_token <> '' AND kind = 'citizen';
CREATE TABLE identity_grant (
    id TEXT NOT NULL, -- sortable id, plain
    account TEXT NOT NULL, -- the account, plain
    role TEXT NOT NULL, -- role code of the country pack, plain
    unit TEXT NOT NULL, -- agency code the role is held at, plain
    from_us BIGINT NOT NULL, -- begins at, microseconds UTC, plain
    until_us BIGINT NOT NULL, -- ended at, 0 = open, plain
    CONSTRAINT identity_grant_pk PRIMARY KEY (id),
    CONSTRAINT identity_grant_account FOREIGN KEY (account) REFERENCES identity_account (id)
);
CREATE INDEX identity_grant_of ON identity_grant (account, from_us);
CREATE TABLE identity_code (
    hash TEXT NOT NULL, -- SHA-256 of the authorization code, hex, plain
    client TEXT NOT NULL, -- relying party, agency code, plain
    redirect TEXT NOT NULL, -- exact redirect address it was made for, plain
    account TEXT NOT NULL, -- who signed in, plain
    nonce TEXT NOT NULL, -- nonce of the request, plain
    challenge TEXT NOT NULL, -- PKCE S256 challenge, plain
    made_us BIGINT NOT NULL, -- made at, microseconds UTC, valid 60 seconds, plain
    used_us BIGINT NOT NULL, -- redeemed at, 0 = not yet, plain
    CONSTRAINT identity_code_pk PRIMARY KEY (hash)
);
CREATE INDEX identity_code_made ON identity_code (made_us);
CREATE TABLE identity_token (
    hash TEXT NOT NULL, -- SHA-256 of the access token, hex, plain
    code TEXT NOT NULL, -- hash of the code it came from, plain
    account TEXT NOT NULL, -- whose claims it opens, plain
    until_us BIGINT NOT NULL, -- valid until, microseconds UTC, plain
    CONSTRAINT identity_token_pk PRIMARY KEY (hash)
);
CREATE INDEX identity_token_code ON identity_token (code);
