-- SPDX-License-Identifier: Apache-2.0
-- expand: what the sealing anew found that stays under an older root key; a program before it
-- writes none.
ALTER TABLE core_reseal
    ADD COLUMN stands BIGINT NOT NULL DEFAULT 0; -- fields that stay under an older one, plain
