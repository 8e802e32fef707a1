-- SPDX-License-Identifier: Apache-2.0
-- expand: grave acts ask for password or code again when the last proof is too long ago.
ALTER TABLE web_session
    ADD COLUMN proved_us BIGINT NOT NULL DEFAULT 0; -- last proof, microseconds UTC, 0 never; plain
