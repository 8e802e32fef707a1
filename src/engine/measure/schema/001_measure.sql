-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE measure_value (
    indicator TEXT NOT NULL, -- code of the indicator, T04, plain
    unit TEXT NOT NULL, -- agency code, VN for the nation, plain
    parent TEXT NOT NULL, -- the unit right above, empty for VN, plain
    day BIGINT NOT NULL, -- civil day in Viet Nam, days since 1970-01-01, plain
    part BIGINT NOT NULL, -- sum of the acts that met the condition, acts, plain
    whole BIGINT NOT NULL, -- sum of all acts counted, acts, plain
    CONSTRAINT measure_value_pk PRIMARY KEY (indicator, unit, day)
);
CREATE INDEX measure_value_parent ON measure_value (indicator, parent, day);
CREATE TABLE measure_source (
    indicator TEXT NOT NULL, -- code of the indicator, plain
    source TEXT NOT NULL, -- the act counted, its public code, plain
    unit TEXT NOT NULL, -- agency where the act was done, plain
    at_us BIGINT NOT NULL, -- time of the act, microseconds UTC, plain
    part BIGINT NOT NULL, -- what it added to part, plain
    whole BIGINT NOT NULL, -- what it added to whole, plain
    CONSTRAINT measure_source_pk PRIMARY KEY (indicator, source)
);
CREATE INDEX measure_source_unit ON measure_source (indicator, unit, source);
