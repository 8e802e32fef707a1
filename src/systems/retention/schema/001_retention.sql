-- SPDX-License-Identifier: Apache-2.0
-- What is proposed to be destroyed: a list is a fixed set of subjects (core_subject), prepared by
-- one official, approved by another, destroyed by the node after a waiting time.
CREATE TABLE retention_list (
    id TEXT NOT NULL, -- sortable id, plain
    rule TEXT NOT NULL, -- code of the rule in retention.json, '' by a decision, plain
    state TEXT NOT NULL, -- found, proposed, approved, done or cancelled, plain
    n BIGINT NOT NULL, -- how many subjects it was made with, plain
    made_us BIGINT NOT NULL, -- made at, microseconds UTC, plain
    preparer TEXT NOT NULL, -- account that proposed it, '' before, plain
    prepared_us BIGINT NOT NULL, -- when, microseconds UTC, 0 before, plain
    approver TEXT NOT NULL, -- account that approved or cancelled it, '' before, plain
    approved_us BIGINT NOT NULL, -- when, microseconds UTC, 0 before, plain
    run_us BIGINT NOT NULL, -- destroyed from then on, microseconds UTC, 0 before, plain
    done_us BIGINT NOT NULL, -- all was done at, microseconds UTC, 0 before, plain
    prepared BLOB NOT NULL, -- who, the law and the words of who proposed it, JSON, sealed, personal
    approved BLOB NOT NULL, -- who and in which words, JSON, sealed, personal
    CONSTRAINT retention_list_pk PRIMARY KEY (id)
);
CREATE INDEX retention_list_run ON retention_list (run_us, id) WHERE state = 'approved';
CREATE INDEX retention_list_found ON retention_list (rule) WHERE state = 'found';
CREATE TABLE retention_item (
    list TEXT NOT NULL, -- the list, plain
    number BIGINT NOT NULL, -- the subject, plain
    class TEXT NOT NULL, -- its class, plain
    object TEXT NOT NULL, -- dossier code, account id ..., plain
    clock_us BIGINT NOT NULL, -- its clock when it was listed, microseconds UTC, plain
    due_us BIGINT NOT NULL, -- its term ended, microseconds UTC, plain
    state TEXT NOT NULL, -- listed, excluded, destroyed, held, changed or gone, plain
    open BIGINT NOT NULL, -- 1 while its list may still destroy it, plain
    at_us BIGINT NOT NULL, -- state since, microseconds UTC, plain
    words BLOB NOT NULL, -- why it was excluded and by whom, JSON, sealed, personal
    CONSTRAINT retention_item_pk PRIMARY KEY (list, number)
);
CREATE UNIQUE INDEX retention_item_once ON retention_item (number) WHERE open = 1;
CREATE INDEX retention_item_number ON retention_item (number, at_us);
