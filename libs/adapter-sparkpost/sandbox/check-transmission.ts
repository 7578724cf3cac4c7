import type { SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { answers, type VendorError } from './answers.ts';
import { readJson } from './read-json.ts';
import { schemaErrors } from './schema-errors.ts';
import type { RecipientJson, TransmissionJson } from './transmission-json.ts';
import { brokenRules } from './transmission-rules.ts';
import { transmissionSchema } from './transmission-schema.ts';

const MAX_CONTENT_BYTES = 20_000_000;
// ASCII only. A domain under `invalid`, which never exists (RFC 2606), represents all other addresses that the vendor
// rejects.
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]+@(?!.*\.invalid$)[\w-]+(?:\.[\w-]+)+$/;

export type TransmissionCheck =
  | {
      readonly transmission: TransmissionJson;
      readonly accepted: readonly RecipientJson[];
      /** One for each rejected recipient. */
      readonly errors: readonly VendorError[];
    }
  | { readonly refusal: SandboxAnswer };

/** Checks a body against the documented schema and rules of `POST /transmissions`. */
export function checkTransmission(contentType: string | undefined, body: Buffer, now: Date): TransmissionCheck {
  if (contentType !== 'application/json') return { refusal: answers.wrongType };
  const json = readJson(body);
  if (json === undefined) return { refusal: answers.badJson };
  const malformed = schemaErrors(transmissionSchema, json);
  const transmission = json as TransmissionJson;
  const faults = malformed.length > 0 ? malformed : brokenRules(transmission, now);
  if (faults.length > 0) return { refusal: answers.invalid(faults) };
  if (contentBytes(transmission) > MAX_CONTENT_BYTES) return { refusal: answers.tooLarge };
  const accepted = transmission.recipients.filter(({ address }) => ADDRESS.test(address.email));
  const refused = transmission.recipients.filter(({ address }) => !ADDRESS.test(address.email));
  if (accepted.length === 0) return { refusal: answers.noRecipients };
  return { transmission, accepted, errors: refused.map(invalidAddress) };
}

function invalidAddress({ address }: RecipientJson): VendorError {
  const description = `invalid recipient address.email: ${address.email}`;
  return { message: 'invalid data format/type', description, code: '1300' };
}

function contentBytes({ content }: TransmissionJson): number {
  const { text = '', html = '', attachments = [], inline_images = [] } = content;
  const files = [...attachments, ...inline_images].reduce((bytes, { data }) => bytes + data.length, 0);
  return Buffer.byteLength(text) + Buffer.byteLength(html) + files;
}
