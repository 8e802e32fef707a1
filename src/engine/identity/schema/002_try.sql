-- SPDX-License-Identifier: Apache-2.0
-- Wrong passwords are counted by what was typed, known here or not, and by address: whoever guesses
-- learns nothing of which names exist.
CREATE TABLE identity_try (
    subject TEXT NOT NULL, -- keyed token of the user name typed or of the address, plain
    failures BIGINT NOT NULL, -- wrong passwords since the window began, plain
    window_us BIGINT NOT NULL, -- begin of the window, microseconds UTC, plain
    CONSTRAINT identity_try_pk PRIMARY KEY (subject)
);
CREATE INDEX identity_try_window ON identity_try (window_us);
ALTER TABLE identity_account DROP COLUMN failures;
ALTER TABLE identity_account DROP COLUMN window_us;
-- Each assertion of a client is good for one use (OpenID Connect Core 9).
CREATE TABLE identity_assertion (
    client TEXT NOT NULL, -- relying party, agency code, plain
    jti TEXT NOT NULL, -- SHA-256 of the assertion's jti, hex, plain
    until_us BIGINT NOT NULL, -- the assertion ends at, microseconds UTC, plain
    CONSTRAINT identity_assertion_pk PRIMARY KEY (client, jti)
);
CREATE INDEX identity_assertion_until ON identity_assertion (until_us);
ALTER TABLE identity_code
    ADD COLUMN auth_us BIGINT NOT NULL DEFAULT 0; -- sign-in at, microseconds UTC, plain
