-- SPDX-License-Identifier: Apache-2.0
-- Information systems that may speak for a member of this node over /r1/.
CREATE TABLE exchange_system (
    cert_sha256 TEXT NOT NULL, -- SHA-256 hex of the system's TLS certificate (DER), plain
    client TEXT NOT NULL, -- member it speaks for, plain
    name TEXT NOT NULL, -- what people call it, plain
    since_us BIGINT NOT NULL, -- registered at, microseconds UTC, plain
    CONSTRAINT exchange_system_pk PRIMARY KEY (cert_sha256, client)
);
