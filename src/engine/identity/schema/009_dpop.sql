-- SPDX-License-Identifier: Apache-2.0
-- expand: tokens and codes bound to the key of their holder (RFC 9449).
ALTER TABLE identity_pushed
    ADD COLUMN jkt TEXT NOT NULL DEFAULT ''; -- thumbprint of the key to redeem by, empty any, plain
ALTER TABLE identity_code
    ADD COLUMN jkt TEXT NOT NULL DEFAULT ''; -- thumbprint of the key to redeem by, empty any, plain
ALTER TABLE identity_token
    ADD COLUMN jkt TEXT NOT NULL DEFAULT ''; -- thumbprint of its holder's key, empty none, plain
-- Each proof of a key is good for one use, as long as it would be believed.
CREATE TABLE identity_proof (
    jkt TEXT NOT NULL, -- SHA-256 thumbprint of the key (RFC 7638), plain
    jti TEXT NOT NULL, -- SHA-256 of the proof's jti, hex, plain
    until_us BIGINT NOT NULL, -- the proof is believed until, microseconds UTC, plain
    CONSTRAINT identity_proof_pk PRIMARY KEY (jkt, jti)
);
CREATE INDEX identity_proof_until ON identity_proof (until_us);
