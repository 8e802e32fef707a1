-- SPDX-License-Identifier: Apache-2.0
-- A second factor beside the password: an authenticator app, and codes for the day it is lost.
ALTER TABLE identity_account
    ADD COLUMN factor BIGINT NOT NULL DEFAULT 0; -- 1 when a second factor is asked for, plain
CREATE TABLE identity_factor (
    account TEXT NOT NULL, -- whose, plain
    seed BLOB NOT NULL, -- the app's key in hex, sealed, secret
    step BIGINT NOT NULL, -- the time step whose code was taken last, plain
    made_us BIGINT NOT NULL, -- made at, microseconds UTC, plain
    confirmed_us BIGINT NOT NULL, -- a first code was right at, 0 = not yet, plain
    CONSTRAINT identity_factor_pk PRIMARY KEY (account),
    CONSTRAINT identity_factor_account FOREIGN KEY (account) REFERENCES identity_account (id)
);
CREATE TABLE identity_recovery (
    hash TEXT NOT NULL, -- SHA-256 of a recovery code of 120 random bits, hex, plain
    account TEXT NOT NULL, -- whose, plain
    made_us BIGINT NOT NULL, -- made at, microseconds UTC, plain
    used_us BIGINT NOT NULL, -- used at, 0 = not yet, plain
    CONSTRAINT identity_recovery_pk PRIMARY KEY (hash),
    CONSTRAINT identity_recovery_account FOREIGN KEY (account) REFERENCES identity_account (id)
);
CREATE INDEX identity_recovery_of ON identity_recovery (account);
