-- SPDX-License-Identifier: Apache-2.0
-- expand: what a next program might bring; test/stories/upgrade.py plays it
ALTER TABLE core_audit
    ADD COLUMN next_note TEXT; -- a remark of the next program, plain
CREATE TABLE core_next (
    id TEXT NOT NULL, -- sortable id, plain
    seen BIGINT NOT NULL, -- how often, plain
    CONSTRAINT core_next_pk PRIMARY KEY (id)
);
CREATE INDEX core_next_seen ON core_next (seen, id);
ALTER TABLE core_outbox
    ADD COLUMN next_round BIGINT NOT NULL DEFAULT 0; -- rounds of the next program, plain
CREATE INDEX core_outbox_next ON core_outbox (next_round, id);
