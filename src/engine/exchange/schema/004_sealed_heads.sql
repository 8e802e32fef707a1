-- SPDX-License-Identifier: Apache-2.0
-- A head names who asks: it lies sealed. exchange_message.head is empty from now on; those of
-- before move over by the job exchange.seal_heads.
ALTER TABLE exchange_message
    ADD COLUMN sealed_head BLOB; -- signed head of the request, JSON as sent, sealed, personal
CREATE INDEX exchange_message_clear ON exchange_message (id, direction) WHERE head <> '';
