-- SPDX-License-Identifier: Apache-2.0
-- expand: authorization requests that clients push before they send the browser (RFC 9126).
CREATE TABLE identity_pushed (
    hash TEXT NOT NULL, -- SHA-256 of the request_uri's random part, hex, plain
    client TEXT NOT NULL, -- relying party that pushed it, agency code, plain
    state TEXT NOT NULL, -- the client's mark for the way back, plain
    nonce TEXT NOT NULL, -- the client's mark for the token, plain
    challenge TEXT NOT NULL, -- PKCE S256 challenge, plain
    prompt TEXT NOT NULL, -- none, login or empty, plain
    max_age_s BIGINT NOT NULL, -- the sign-in may be so many seconds old, -1 = any, plain
    until_us BIGINT NOT NULL, -- good for one visit until, microseconds UTC, plain
    CONSTRAINT identity_pushed_pk PRIMARY KEY (hash)
);
CREATE INDEX identity_pushed_of ON identity_pushed (client, until_us);
