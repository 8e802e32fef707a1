// SPDX-License-Identifier: Apache-2.0
// Holds a bill of materials against CycloneDX's own schema, by CycloneDX's own library.
import { readFileSync } from 'node:fs';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';

const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
const fault = await validator.validate(readFileSync(process.argv[2], 'utf8'));
if (fault !== null) {
  console.error(fault);
  process.exit(1);
}
