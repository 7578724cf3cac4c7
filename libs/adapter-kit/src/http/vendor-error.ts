import { AdapterError, type AdapterErrorDetails, type Stage } from '../errors/adapter-error.ts';
import { jsonPointer } from '../validation/fields.ts';
import type { HttpResponse } from './http-client.ts';

/** One problem in the vendor's response. */
export interface VendorFault {
  readonly message: string;
  /** The member of the request in the vendor's terms, in dot notation: `recipients.to.0.address`. */
  readonly field?: string;
  /** The vendor's own error code, e.g. `7001`. */
  readonly code?: string;
}

/** A fault with the pointer of the message member that it concerns, if the vendor's table of pointers has it. */
export type LocatedFault = VendorFault & { readonly pointer?: string };

/**
 * The vendor's names of message members, and the kit's. The first pattern that matches wins.
 *
 * A pattern is matched against `field` (with `[0]` written as `.0`); its match is replaced by the member, and the rest
 * of the field is kept. Without a field it is searched for in the fault's message, and the member is all of the pointer;
 * its groups are in lowercase.
 *
 * @example
 * const POINTERS: PointerTable = [
 *   [/^recipients\.(to|cc|bcc)\.(\d+)\.address$/, '$1.$2.email'], // recipients.to[0].address → /to/0/email
 *   [/^custom_headers\b/, 'headers'], // custom_headers.X-A.b → /headers/X-A.b
 *   [/invalid '(to|cc|bcc)' address/i, '$1'], // Invalid 'To' address → /to
 * ];
 */
export type PointerTable = readonly (readonly [pattern: RegExp, member: string])[];

/** Returns the JSON pointer of the member that a fault concerns, or undefined if the table does not have it. */
export function vendorPointer({ field, message }: VendorFault, table: PointerTable): string | undefined {
  const text = field?.replace(/\[(\d+)\]/g, '.$1') ?? message;
  for (const [pattern, member] of table) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const found =
      field === undefined
        ? member.replace(/\$(\d)/g, (_all, group: string) => (match[Number(group)] ?? '').toLowerCase())
        : text.replace(pattern, member);
    const [name = '', ...rest] = found.split('.');
    // The keys of these are the caller's, and may contain dots.
    const isMap = name === 'headers' || name === 'metadata';
    return jsonPointer(name, ...(isMap && rest.length > 0 ? [rest.join('.')] : rest));
  }
  return undefined;
}

export type MappedError = Partial<AdapterErrorDetails>;

/** What a vendor means by a response. A rule applies if everything that it names fits; without any, it always does. */
export interface ErrorRule extends Omit<MappedError, 'status' | 'reply'> {
  /** The HTTP status, or several. */
  readonly on?: number | readonly number[];
  /** The vendor's code of one of the faults, or several codes. */
  readonly vendorCode?: string | readonly string[];
  /** The field of one of the faults. */
  readonly field?: string;
  /** Words in the messages of the faults; without faults, in the text of the response. */
  readonly words?: RegExp;
  /**
   * Computes the error, or returns undefined if the rule does not apply after all. Faults and words are scrubbed, the
   * response is not: copy nothing from it.
   */
  readonly derive?: (faults: readonly LocatedFault[], words: string, response: HttpResponse) => MappedError | undefined;
}

/**
 * What a vendor means by its error responses, as data. The first rule that applies wins; what it leaves out, and
 * responses without a rule, are mapped by `statusError`.
 *
 * @example
 * const ERRORS: ErrorMap = [
 *   { on: 401, hint: 'Acme rejected the API key. Enter a valid one from Account, API Keys.' },
 *   { vendorCode: ['405', '406'], code: 'quota_exceeded', fault: 'vendor', retryable: true, hint: 'No credits are left.' },
 *   { on: [400, 422], derive: rejectedMember('Acme') },
 * ];
 */
export type ErrorMap = readonly ErrorRule[];

/** Returns what the first rule that applies says about a response. */
export function mappedError(
  errors: ErrorMap,
  response: HttpResponse,
  faults: readonly LocatedFault[],
  words: string,
): MappedError {
  for (const { on, vendorCode, field, words: pattern, derive, ...error } of errors) {
    if (on !== undefined && ![on].flat().includes(response.status)) continue;
    if (vendorCode !== undefined && !faults.some(({ code = '' }) => [vendorCode].flat().includes(code))) continue;
    if (field !== undefined && !faults.some((fault) => fault.field === field)) continue;
    if (pattern !== undefined && !pattern.test(words)) continue;
    const derived = derive === undefined ? {} : derive(faults, words, response);
    if (derived !== undefined) return { ...error, ...derived };
  }
  return {};
}

/**
 * For an error map: blames the first member that the faults name, as the recipient's, the sender's or the message's.
 * Applies only if a fault has a pointer.
 * @param vendor the vendor's display name
 */
export function rejectedMember(vendor: string): (faults: readonly LocatedFault[]) => MappedError | undefined {
  return (faults) => {
    const pointer = faults.find((fault) => fault.pointer !== undefined)?.pointer;
    if (pointer === undefined) return undefined;
    const hint = `${vendor} rejected a part of the message. Read its reply and correct that part.`;
    if (/^\/(?:to|cc|bcc)\b/.test(pointer)) return { stage: 'recipient', fault: 'recipient', hint, pointer };
    return { stage: /^\/from\b/.test(pointer) ? 'sender' : 'message', fault: 'sender', hint, pointer };
  };
}

/**
 * The rules for a rejected message: by the member at fault, if it is named, and otherwise as the sender's fault.
 * @param when which responses reject a message
 */
export function rejectedMessage(vendor: string, when: Pick<ErrorRule, 'on' | 'vendorCode'>): ErrorMap {
  return [
    { ...when, derive: rejectedMember(vendor) },
    { ...when, fault: 'sender', hint: `${vendor} rejected the message. Read its reply.` },
  ];
}

/**
 * Returns the milliseconds until the time in a header, in Unix seconds, such as `X-RateLimit-Reset`. Undefined if there
 * is none, or if it is more than `maxMs` ahead.
 */
export function resetTime(
  response: HttpResponse,
  header: string,
  maxMs: number,
  now: number = Date.now(),
): number | undefined {
  const reset = response.header(header)?.trim() ?? '';
  if (!/^\d{1,12}$/.test(reset)) return undefined;
  // Relative to the vendor's clock if it sends the time: the local clock may be wrong.
  const theirs = Date.parse(response.header('date') ?? '');
  const wait = Number(reset) * 1000 - (Number.isNaN(theirs) ? now : theirs);
  return wait > maxMs ? undefined : Math.max(0, wait);
}

type StatusError = Pick<AdapterErrorDetails, 'code' | 'fault' | 'retryable' | 'hint'> & { readonly stage?: Stage };

const ERROR_MAP = new Map<number, StatusError>([
  [
    401,
    {
      stage: 'authenticate',
      code: 'authentication_failed',
      fault: 'configuration',
      retryable: false,
      hint: 'The vendor rejected the API key. Enter a valid one.',
    },
  ],
  [
    403,
    {
      stage: 'authenticate',
      code: 'permission_denied',
      fault: 'configuration',
      retryable: false,
      hint: 'The API key lacks a required permission. Grant it in the vendor’s settings.',
    },
  ],
  [
    408,
    {
      code: 'temporarily_unavailable',
      fault: 'vendor',
      retryable: true,
      hint: 'The vendor timed out. Try again later.',
    },
  ],
  [
    413,
    {
      code: 'message_too_large',
      fault: 'configuration',
      retryable: false,
      hint: 'The message is too large for the vendor. Shorten it or remove attachments.',
    },
  ],
  [
    429,
    {
      code: 'rate_limited',
      fault: 'vendor',
      retryable: true,
      hint: 'The vendor’s rate limit was exceeded. Wait, then try again.',
    },
  ],
]);
const REDIRECT: StatusError = {
  code: 'invalid_response',
  fault: 'configuration',
  retryable: false,
  hint: 'The vendor’s API responded with a redirect, which is not followed. Check the base URL.',
};
const UNAVAILABLE: StatusError = {
  code: 'temporarily_unavailable',
  fault: 'vendor',
  retryable: true,
  hint: 'The vendor is temporarily unavailable. Try again later.',
};
const REFUSED: StatusError = {
  code: 'invalid_request',
  fault: 'configuration',
  retryable: false,
  hint: 'The vendor rejected the request. Check the message and the settings.',
};

/**
 * Converts an HTTP error status into an AdapterError with its general meaning. `override` holds what the vendor means
 * by it instead. `retryAfterMs` is read from `Retry-After` (seconds or a date, RFC 9110 section 10.2.3).
 */
export function statusError(
  response: HttpResponse,
  override: Partial<AdapterErrorDetails> = {},
  now: number = Date.now(),
): AdapterError {
  const mapped = ERROR_MAP.get(response.status) ?? errorOfClass(response.status);
  const retryAfterMs = retryAfter(response.header('retry-after'), now);
  return new AdapterError({
    stage: 'message',
    ...mapped,
    status: response.status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...override,
  });
}

function errorOfClass(status: number): StatusError {
  if (status >= 500) return UNAVAILABLE;
  return status >= 300 && status < 400 ? REDIRECT : REFUSED;
}

// RFC 9110 section 5.6.7. `Date.parse` by itself would also accept "-5" and "soon 1".
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

function retryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
