-- SPDX-License-Identifier: Apache-2.0
-- expand: passkeys (WebAuthn Level 2): public keys whose private half stays in a person's device.
CREATE TABLE identity_passkey (
    id TEXT NOT NULL, -- sortable id, plain
    account TEXT NOT NULL, -- whose, plain
    hash TEXT NOT NULL, -- SHA-256 of the credential id, hex: found by it, plain
    credential BLOB NOT NULL, -- the credential id, base64url, sealed, personal
    alg BIGINT NOT NULL, -- COSE algorithm, -7 ES256 or -8 EdDSA, plain
    point BLOB NOT NULL, -- the public key, hex, sealed, personal
    name BLOB NOT NULL, -- as its owner calls it, sealed, personal
    counter BIGINT NOT NULL, -- signatures that its device counted at its last use, 0 = none, plain
    made_us BIGINT NOT NULL, -- added at, microseconds UTC, plain
    used_us BIGINT NOT NULL, -- used last at, 0 = not yet, plain
    CONSTRAINT identity_passkey_pk PRIMARY KEY (id),
    CONSTRAINT identity_passkey_hash UNIQUE (hash),
    CONSTRAINT identity_passkey_account FOREIGN KEY (account) REFERENCES identity_account (id)
);
CREATE INDEX identity_passkey_of ON identity_passkey (account, id);
