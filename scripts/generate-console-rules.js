// Prints the validation rules of the API's schemas that the console checks while a user types. openapi-typescript generates
// types only.
import { readFileSync } from 'node:fs';

const { components } = JSON.parse(readFileSync(new URL('../docs/openapi.json', import.meta.url), 'utf8'));
const { pattern, maxLength } = components.schemas.Mailbox.properties.email;

process.stdout.write(`// Generated from docs/openapi.json by \`npm run client\`. Do not edit.

/** The schema of an email address, as the API publishes it. */
export const EMAIL_ADDRESS = ${JSON.stringify({ pattern, maxLength })} as const;
`);
