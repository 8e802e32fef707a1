-- SPDX-License-Identifier: Apache-2.0
-- Guesses are stopped for good where the right password never comes between them.
ALTER TABLE identity_try
    ADD COLUMN streak BIGINT NOT NULL DEFAULT 0; -- of a name or device: wrong since right, plain
