-- SPDX-License-Identifier: Apache-2.0
-- Sessions and the answers given to acts that carried an idempotency key.
CREATE TABLE web_session (
    id          TEXT NOT NULL,   -- SHA-256 of the cookie's secret, hex; plain
    account     TEXT NOT NULL,   -- account signed in, '' before; plain
    role        TEXT NOT NULL,   -- role code acted in, '' for citizens; plain
    unit        TEXT NOT NULL,   -- agency code acted for, '' for citizens; plain
    assurance   BIGINT NOT NULL, -- level of the sign-in, 0 to 3; plain
    csrf        TEXT NOT NULL,   -- token against forged forms, base64url; secret
    note        TEXT NOT NULL,   -- small JSON of the identity engine, '' when none; secret
    created_us  BIGINT NOT NULL, -- when it began, microseconds UTC; plain
    seen_us     BIGINT NOT NULL, -- last use, to the minute, microseconds UTC; plain
    idle_us     BIGINT NOT NULL, -- unused for so long it ends, microseconds; plain
    expires_us  BIGINT NOT NULL, -- ends at the latest, microseconds UTC; plain
    CONSTRAINT web_session_pk PRIMARY KEY (id)
);
CREATE INDEX web_session_account ON web_session (account);
CREATE INDEX web_session_expires ON web_session (expires_us);

CREATE TABLE web_answer (
    owner       TEXT NOT NULL,   -- account, or session id before sign-in, '' without either; plain
    key         TEXT NOT NULL,   -- idempotency key the client sent; plain
    act         TEXT NOT NULL,   -- method and path, blank between; plain
    body_hash   TEXT NOT NULL,   -- SHA-256 of what was sent, hex; plain
    status      BIGINT NOT NULL, -- HTTP status answered; plain
    headers     TEXT NOT NULL,   -- header lines of the answer, one a line; personal
    body        BLOB NOT NULL,   -- body of the answer; personal
    at_us       BIGINT NOT NULL, -- when, microseconds UTC; plain
    CONSTRAINT web_answer_pk PRIMARY KEY (owner, key)
);
CREATE INDEX web_answer_at ON web_answer (at_us);
