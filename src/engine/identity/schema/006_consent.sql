-- SPDX-License-Identifier: Apache-2.0
-- Which agencies' portals may learn who a person is. A consent that ended stays as the person's own
-- record of it.
CREATE TABLE identity_consent (
    id TEXT NOT NULL, -- sortable id, plain
    account TEXT NOT NULL, -- who allows it, plain
    client TEXT NOT NULL, -- relying party that is told, agency code, plain
    claims TEXT NOT NULL, -- what it is told, names of claims, blank-separated, plain
    given_us BIGINT NOT NULL, -- allowed at, microseconds UTC, plain
    told_us BIGINT NOT NULL, -- told last at, microseconds UTC, 0 = never, plain
    times BIGINT NOT NULL, -- how often it was told, plain
    ended_us BIGINT NOT NULL, -- taken back at, microseconds UTC, 0 = holds, plain
    CONSTRAINT identity_consent_pk PRIMARY KEY (id),
    CONSTRAINT identity_consent_account FOREIGN KEY (account) REFERENCES identity_account (id)
);
CREATE UNIQUE INDEX identity_consent_holds ON identity_consent (account, client)
    WHERE ended_us = 0;
CREATE INDEX identity_consent_of ON identity_consent (account, id);
CREATE INDEX identity_code_account ON identity_code (account, client);
