-- SPDX-License-Identifier: Apache-2.0
-- A field may become personal when its register is in use: what stood in clear is sealed then.
ALTER TABLE registry_column
    ADD COLUMN sealed BIGINT NOT NULL DEFAULT -1; -- 1 sealed or tokens, 0 clear, -1 unknown, plain
