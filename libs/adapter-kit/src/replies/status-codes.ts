import type { Bounce } from '../events/email-event.ts';
import { omitUndefined } from '../json/json.ts';

/** The codes of an SMTP reply or of a delivery status notification. */
export interface StatusCodes {
  /** RFC 5321, 4.2, e.g. 550. */
  readonly code?: number;
  /** RFC 3463, e.g. `5.1.1`. Its class is the first digit of `code`. */
  readonly enhancedCode?: string;
}

// RFC 3463, 2: one to three digits each, without leading zeros.
const DETAIL = String.raw`(?:0|[1-9]\d{0,2})`;
const ENHANCED = String.raw`[245]\.${DETAIL}\.${DETAIL}`;
/** Not the start of an IP address, a longer number or a host name. */
const END = String.raw`(?![\w@]|[.-]\w)`;
/** A diagnostic code starts with the type of the server: `smtp; 550 5.1.1 …` (RFC 3464, 2.3.6). */
const TYPE = String.raw`^\s{0,8}(?:[a-z][\w-]{0,30};\s{0,8})?`;

const LEADING_CODE = new RegExp(String.raw`${TYPE}([2-5][0-5]\d)(?=[\s:-]|$)`, 'i');
/** How servers quote another server: `host mx.example said: 550 No such user`. */
const QUOTED_CODE = /\b(?:said|was|returned)(?: error)?:\s{0,8}['"]?([245][0-5]\d)(?=[\s-]|$)/i;
const LEADING_ENHANCED = new RegExp(`${TYPE}(${ENHANCED})${END}`, 'i');
/** `550 5.1.1`, `550-5.1.1`, `550 #5.7.1`, anywhere. */
const PAIR = new RegExp(String.raw`(?<![\w.])([245][0-5]\d)[ \t:-]{1,8}[[(#]{0,2}(${ENHANCED})${END}`, 'g');
/** `(#5.1.1)`, `#5.7.1`, `(5.1.1)`, `[5.1.1]`, `status=5.1.1`: a bare number in the text could be a version or a date. */
const MARKED = new RegExp(
  String.raw`(?<!\w)(?:#(${ENHANCED})${END}|\((${ENHANCED})\)|\[(${ENHANCED})\]|(?:status|dsn)[:=] ?(${ENHANCED})${END})`,
  'gi',
);

/**
 * Parses the codes of a reply, in the forms that Postfix, Exim, Exchange, Sendmail, qmail and IronPort write. In a
 * multi-line reply the first enhanced code counts. An enhanced code whose class contradicts the reply code is ignored:
 * the first digit of the reply code decides what a client does next (RFC 5321, 4.2.1; RFC 2034, 4). Linear time.
 */
export function parseStatusCodes(reply: string): StatusCodes {
  const pairs = [...reply.matchAll(PAIR)];
  const code = LEADING_CODE.exec(reply)?.[1] ?? pairs[0]?.[1] ?? QUOTED_CODE.exec(reply)?.[1];
  const candidates = [
    LEADING_ENHANCED.exec(reply)?.[1],
    ...pairs.map(([, , enhanced]) => enhanced),
    ...[...reply.matchAll(MARKED)].map((match) => match.slice(1).find((group) => group !== undefined)),
  ];
  const enhancedCode = candidates.find((candidate) => candidate !== undefined && agree(code, candidate));
  return {
    ...(code === undefined ? {} : { code: Number(code) }),
    ...(enhancedCode === undefined ? {} : { enhancedCode }),
  };
}

function agree(code: string | undefined, enhancedCode: string): boolean {
  return code === undefined || code[0] === enhancedCode[0];
}

const EXACT_ENHANCED = new RegExp(`^${ENHANCED}$`);
/** For errors of which only the class is known (RFC 3463, 3.1). */
const ONLY_A_CLASS = /^\d\.0\.0$/;
const EXACT_CODE = /^[2-5][0-5]\d$/;

/**
 * Returns the enhanced code of a field that contains nothing else, or else of the reply next to it. A bare class such
 * as `5.0.0` in the field is replaced by any code in the reply: some vendors write it as a placeholder.
 */
export function enhancedCodeOf(field: string | undefined, reply: StatusCodes = {}): string | undefined {
  const own = field !== undefined && EXACT_ENHANCED.test(field) ? field : undefined;
  return own === undefined || ONLY_A_CLASS.test(own) ? (reply.enhancedCode ?? own) : own;
}

/**
 * Returns the reply code of a field that contains nothing else, or undefined for other contents, such as a vendor's own
 * code.
 */
export function replyCodeOf(field: string | undefined): number | undefined {
  return field !== undefined && EXACT_CODE.test(field) ? Number(field) : undefined;
}

/** The fields of a vendor's event about a failure. */
export interface BounceFields {
  /** The receiving server's reply. */
  readonly reason: string | undefined;
  /** A field for the reply code. Any other content is ignored. */
  readonly code?: string | undefined;
  /** A field for the enhanced code. Any other content is ignored. */
  readonly enhancedCode?: string | undefined;
  /** The vendor's name for the rule that determined the class. */
  readonly rule: string | undefined;
}

/** Returns what a bounce reports besides its class. The codes are those of the fields, or else of the reason. */
export function bounceDetails({ reason, code, enhancedCode, rule }: BounceFields): Omit<Bounce, 'class'> {
  const reply = parseStatusCodes(reason ?? '');
  return {
    ...omitUndefined('code', replyCodeOf(code) ?? reply.code),
    ...omitUndefined('enhancedCode', enhancedCodeOf(enhancedCode, reply)),
    ...omitUndefined('reason', reason),
    ...omitUndefined('rule', rule),
  };
}
