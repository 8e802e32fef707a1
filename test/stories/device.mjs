// SPDX-License-Identifier: Apache-2.0
// A device with one passkey, in Node.js: what a browser would hand over of it (WebAuthn Level 2).
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const [PRESENT, VERIFIED, KEY] = [1, 4, 64];
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/** `told`: what the node wants signed. `makes(told)`, `signs(told)` give the field `passkey`. */
export function device(origin) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(32);
  let counter = 0;
  let user = '';

  const head = (told, flags) => {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter++);
    return Buffer.concat([sha256(told.rp), Buffer.from([flags]), number]);
  };
  const client = (type, told) => Buffer.from(JSON.stringify(
    { type, challenge: told.challenge, origin, crossOrigin: false }));
  const plain = (parts) => JSON.stringify(Object.fromEntries(Object.entries(parts)
    .map(([name, value]) => [name, value.toString('base64url')])));
  const cose = () => Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'), Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'), Buffer.from(y, 'base64url')]);

  return {
    makes(told) {
      user = Buffer.from(told.user, 'base64url');
      const data = Buffer.concat([head(told, PRESENT | VERIFIED | KEY), Buffer.alloc(16),
        Buffer.from([0, id.length]), id, cose()]);
      const attestation = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex'),
        Buffer.from([0x58, data.length]), data]);
      return plain({ id, client: client('webauthn.create', told), attestation });
    },
    signs(told) {
      const said = client('webauthn.get', told);
      const data = head(told, PRESENT | VERIFIED);
      const signature = sign('sha256', Buffer.concat([data, sha256(said)]), privateKey);
      return plain({ id, client: said, data, signature, user });
    },
  };
}
