// Prints the validation rules of the API's schemas that the console checks while a user types. openapi-typescript generates
// types only.
import { readFileSync } from 'node:fs';

const { schemas } = JSON.parse(readFileSync(new URL('../docs/openapi.json', import.meta.url), 'utf8')).components;
const propertyOf = (schema, name) => schemas[schema].properties[name];
const { pattern, maxLength } = propertyOf('Mailbox', 'email');
const limits = {
  nameLength: propertyOf('UpdateConnection', 'name').maxLength,
  fromNameLength: propertyOf('UpdateConnection', 'fromName').maxLength,
  testRecipients: propertyOf('TestConnection', 'to').maxItems,
  connectionsOfLaunch: propertyOf('CheckLaunch', 'connectionIds').maxItems,
  connectionsOfKey: propertyOf('CreateApiKey', 'connectionIds').maxItems,
};
for (const [name, limit] of Object.entries(limits)) {
  if (!Number.isInteger(limit)) throw new Error(`docs/openapi.json has no limit for ${name}.`);
}

process.stdout.write(`// Generated from docs/openapi.json by \`npm run client\`. Do not edit.

/** The schema of an email address, as the API publishes it. */
export const EMAIL_ADDRESS = ${JSON.stringify({ pattern, maxLength })} as const;

/** The largest lengths in characters, and the largest numbers of entries, that the API accepts. */
export const LIMITS = ${JSON.stringify(limits)} as const;
`);
