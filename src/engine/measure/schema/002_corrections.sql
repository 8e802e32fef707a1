-- SPDX-License-Identifier: Apache-2.0
ALTER TABLE measure_source
    ADD COLUMN revision BIGINT NOT NULL DEFAULT 0; -- corrections so far, plain
CREATE INDEX measure_source_time ON measure_source (indicator, unit, at_us, source);
DROP INDEX measure_source_unit;
CREATE TABLE measure_correction (
    indicator TEXT NOT NULL, -- code of the indicator, plain
    source TEXT NOT NULL, -- the act counted, its public code, plain
    revision BIGINT NOT NULL, -- 1 for the first correction of the act, plain
    at_us BIGINT NOT NULL, -- corrected at, microseconds UTC, plain
    was_part BIGINT NOT NULL, -- what the act added to part before, plain
    was_whole BIGINT NOT NULL, -- what it added to whole before, plain
    part BIGINT NOT NULL, -- what it adds since, plain
    whole BIGINT NOT NULL, -- what it adds since, plain
    CONSTRAINT measure_correction_pk PRIMARY KEY (indicator, source, revision)
);
