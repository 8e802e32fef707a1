-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE casework_case (
    id TEXT NOT NULL, -- sortable id, plain
    code TEXT NOT NULL, -- public dossier code, TT 01/2018/TT-VPCP art. 19, plain
    procedure TEXT NOT NULL, -- national procedure code, plain
    state TEXT NOT NULL, -- state of its process, plain
    national BIGINT NOT NULL, -- national dossier status 1 to 10, plain
    phase BIGINT NOT NULL, -- 0 clock runs, 1 clock stopped, 2 ended, plain
    owner_role TEXT NOT NULL, -- role whose turn it is, plain
    unit TEXT NOT NULL, -- agency code that handles it, plain
    owner TEXT NOT NULL, -- token of the person it belongs to, plain
    version BIGINT NOT NULL, -- rises by one with each act, plain
    channel TEXT NOT NULL, -- online, counter or post, plain
    filed_us BIGINT NOT NULL, -- filed at, microseconds UTC, plain
    received_us BIGINT NOT NULL, -- clock started at, microseconds UTC, plain
    due_us BIGINT NOT NULL, -- result due at, microseconds UTC, plain
    wait_until_us BIGINT NOT NULL, -- the citizen's own deadline, 0 when none, plain
    paused_us BIGINT NOT NULL, -- clock stopped since, 0 when running, plain
    closed_us BIGINT NOT NULL, -- ended at, 0 while open, plain
    supplements BIGINT NOT NULL, -- requests for supplement so far, plain
    extensions BIGINT NOT NULL, -- new appointments given so far, plain
    calendar_version TEXT NOT NULL, -- calendar the due date was worked out with, plain
    due_vi TEXT NOT NULL, -- how the due date came about in Vietnamese, plain
    due_en TEXT NOT NULL, -- the same in English, plain
    person BLOB NOT NULL, -- personal number it belongs to, sealed, personal
    title BLOB NOT NULL, -- what it is about with the name, sealed, personal
    form BLOB NOT NULL, -- the form as filed, JSON, sealed, personal
    CONSTRAINT casework_case_pk PRIMARY KEY (id),
    CONSTRAINT casework_case_code UNIQUE (code)
);
CREATE INDEX casework_case_inbox ON casework_case (unit, phase, due_us, id);
CREATE INDEX casework_case_owner ON casework_case (owner, phase, due_us, id);
CREATE INDEX casework_case_wait ON casework_case (phase, wait_until_us);
CREATE TABLE casework_event (
    id TEXT NOT NULL, -- sortable id, plain
    case_id TEXT NOT NULL, -- the case, plain
    at_us BIGINT NOT NULL, -- when, microseconds UTC, plain
    action TEXT NOT NULL, -- action of the process, or file, plain
    from_state TEXT NOT NULL, -- state before, empty at filing, plain
    to_state TEXT NOT NULL, -- state after, plain
    version BIGINT NOT NULL, -- version after, plain
    actor_unit TEXT NOT NULL, -- agency of the actor, empty for citizens, plain
    actor_role TEXT NOT NULL, -- role acted in, plain
    actor_name BLOB NOT NULL, -- name as shown, sealed, personal
    reason BLOB NOT NULL, -- reason given, sealed, personal
    form BLOB NOT NULL, -- the form before the act when the act brought a new one, sealed, personal
    CONSTRAINT casework_event_pk PRIMARY KEY (id),
    CONSTRAINT casework_event_case FOREIGN KEY (case_id) REFERENCES casework_case (id)
);
CREATE INDEX casework_event_of_case ON casework_event (case_id, id);
CREATE TABLE casework_document (
    case_id TEXT NOT NULL, -- the case, plain
    kind TEXT NOT NULL, -- receipt, form_02, birth_certificate ..., plain
    file TEXT NOT NULL, -- core_file id, plain
    result BIGINT NOT NULL, -- 1 when it is what the citizen came for, plain
    at_us BIGINT NOT NULL, -- made at, microseconds UTC, plain
    CONSTRAINT casework_document_pk PRIMARY KEY (case_id, kind),
    CONSTRAINT casework_document_case FOREIGN KEY (case_id) REFERENCES casework_case (id)
);
CREATE TABLE casework_fact (
    case_id TEXT NOT NULL, -- the case, plain
    name TEXT NOT NULL, -- name of the fact, plain
    value BLOB NOT NULL, -- its value, sealed, personal
    CONSTRAINT casework_fact_pk PRIMARY KEY (case_id, name),
    CONSTRAINT casework_fact_case FOREIGN KEY (case_id) REFERENCES casework_case (id)
);
CREATE TABLE casework_word (
    token TEXT NOT NULL, -- keyed token of one folded word of the title or code, plain
    case_id TEXT NOT NULL, -- the case, plain
    CONSTRAINT casework_word_pk PRIMARY KEY (token, case_id)
);
CREATE TABLE casework_done (
    unit TEXT NOT NULL, -- agency code, plain
    n BIGINT NOT NULL, -- cases ended there, plain
    CONSTRAINT casework_done_pk PRIMARY KEY (unit)
);
