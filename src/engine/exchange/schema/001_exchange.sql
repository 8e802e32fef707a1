-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE exchange_message (
    id TEXT NOT NULL, -- message id, given by the client's side, plain
    direction TEXT NOT NULL, -- out, in or local, plain
    client TEXT NOT NULL, -- agency that asks, plain
    member TEXT NOT NULL, -- agency asked, plain
    service TEXT NOT NULL, -- service code, plain
    purpose TEXT NOT NULL, -- why, key of the purposes catalogue, plain
    matter TEXT NOT NULL, -- the case it belongs to, plain
    at_us BIGINT NOT NULL, -- sent or received at, microseconds UTC, plain
    head TEXT NOT NULL, -- signed head of the request, JSON as sent, plain
    signature TEXT NOT NULL, -- signature over the head, base64url, plain
    body BLOB NOT NULL, -- request body, sealed, personal
    status BIGINT NOT NULL, -- answer's status, 0 while open, plain
    answered_us BIGINT NOT NULL, -- answered at, 0 while open, plain
    answer_head TEXT NOT NULL, -- signed head of the answer, plain
    answer_signature TEXT NOT NULL, -- signature over it, base64url, plain
    answer BLOB NOT NULL, -- answer body, sealed, personal
    CONSTRAINT exchange_message_pk PRIMARY KEY (id, direction)
);
CREATE INDEX exchange_message_at ON exchange_message (at_us, id);
CREATE TABLE exchange_right (
    client TEXT NOT NULL, -- agency that may ask, with all below it, plain
    member TEXT NOT NULL, -- agency that answers, plain
    service TEXT NOT NULL, -- service code, plain
    since_us BIGINT NOT NULL, -- allowed since, microseconds UTC, plain
    CONSTRAINT exchange_right_pk PRIMARY KEY (client, member, service)
);
