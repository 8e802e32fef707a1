-- SPDX-License-Identifier: Apache-2.0
-- The newest head of our tree that a peer holds.
ALTER TABLE exchange_peer
    ADD COLUMN head_size BIGINT NOT NULL DEFAULT 0; -- records it covers, 0: none held, plain
