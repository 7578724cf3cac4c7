import type { VendorError } from './answers.ts';
import { rendered } from './render.ts';
import type { TransmissionJson } from './transmission-json.ts';

const MAX_SCHEDULE_MS = 3 * 24 * 60 * 60 * 1000;
const MAX_METADATA_BYTES = 10_000;
const FORBIDDEN_HEADERS = /^(?:subject|from|to|reply-to|content-type|content-transfer-encoding)$/i;
// The vendor replaces them with its own.
const UNSUBSCRIBE_HEADER = /^list-unsubscribe(?:-post)?$/i;

/** Rules that the schema cannot express: those that concern several members. */
export function brokenRules(transmission: TransmissionJson, now: Date): readonly VendorError[] {
  return [
    ...contents(transmission),
    ...headers(transmission),
    ...templates(transmission),
    ...limits(transmission, now),
  ];
}

function contents({ content }: TransmissionJson): VendorError[] {
  const names = (content.inline_images ?? []).map(({ name }) => name);
  return [
    ...(content.text === undefined && content.html === undefined
      ? [{ message: 'At least one of content.text and content.html is required', code: '1400' }]
      : []),
    ...(new Set(names).size < names.length
      ? [{ message: 'The names in content.inline_images must be unique', code: '1300' }]
      : []),
  ];
}

function headers({ content, options }: TransmissionJson): VendorError[] {
  return Object.keys(content.headers ?? {}).flatMap((name) => {
    if (FORBIDDEN_HEADERS.test(name)) return [{ message: `content.headers may not have ${name}`, code: '3002' }];
    return UNSUBSCRIBE_HEADER.test(name) && options?.transactional !== true
      ? [{ message: `content.headers.${name} is replaced in mail that is not transactional`, code: '3002' }]
      : [];
  });
}

/** The template language is executed in headers always, and in text and HTML unless substitutions are disabled. */
function templates(transmission: TransmissionJson): VendorError[] {
  const { content, options, recipients } = transmission;
  const { subject, from, reply_to = '', headers = {}, text = '', html = '' } = content;
  const bodies = options?.perform_substitutions === false ? [] : [text, html];
  const lines = [subject, from.email, from.name ?? '', reply_to, ...Object.values(headers), ...bodies];
  const addresses = recipients.flatMap(({ address }) => [address.email, address.name ?? '', address.header_to ?? '']);
  const isBroken =
    lines.some((line) => rendered(line, transmission) === undefined) ||
    // Whether it is executed here too is undocumented.
    [...Object.keys(headers), ...addresses].some((line) => line.includes('{{'));
  return isBroken ? [{ message: 'template language syntax error', code: '3000' }] : [];
}

function limits({ options, metadata = {} }: TransmissionJson, now: Date): VendorError[] {
  const start = Date.parse(options?.start_time ?? now.toISOString());
  return [
    ...(start > now.getTime() + MAX_SCHEDULE_MS
      ? [{ message: 'options.start_time may be 3 days ahead at most', code: '1300' }]
      : []),
    ...(Buffer.byteLength(JSON.stringify(metadata)) > MAX_METADATA_BYTES
      ? [{ message: 'metadata is too large', code: '2007' }]
      : []),
  ];
}
