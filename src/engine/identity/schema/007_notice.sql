-- SPDX-License-Identifier: Apache-2.0
-- expand: what happened to an account, told to its owner.
CREATE TABLE identity_notice (
    id TEXT NOT NULL, -- sortable id, plain
    account TEXT NOT NULL, -- whose, plain
    kind TEXT NOT NULL, -- what happened: device, tries, code, admin ..., plain
    about TEXT NOT NULL, -- browser, how many tries, or which act of an administrator, plain
    at_us BIGINT NOT NULL, -- when, microseconds UTC, plain
    seen_us BIGINT NOT NULL, -- the owner said to have seen it at, 0 = not yet, plain
    CONSTRAINT identity_notice_pk PRIMARY KEY (id),
    CONSTRAINT identity_notice_account FOREIGN KEY (account) REFERENCES identity_account (id)
);
CREATE INDEX identity_notice_of ON identity_notice (account, id);
CREATE INDEX identity_notice_new ON identity_notice (account) WHERE seen_us = 0;
