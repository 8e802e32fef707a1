-- SPDX-License-Identifier: Apache-2.0
-- expand: how far columns are sealed anew under the newest root key; a program before them asks
-- for nothing here.
CREATE TABLE core_reseal (
    name TEXT NOT NULL, -- table.column; plain
    root BIGINT NOT NULL, -- number of that root key; plain
    after_a TEXT NOT NULL, -- the row's key it came to, its first column; plain
    after_b TEXT NOT NULL, -- its second; plain
    anew BIGINT NOT NULL, -- fields sealed anew so far; plain
    done BIGINT NOT NULL, -- 1: looked through; plain
    at_us BIGINT NOT NULL, -- the last step, microseconds UTC; plain
    CONSTRAINT core_reseal_pk PRIMARY KEY (name)
);
