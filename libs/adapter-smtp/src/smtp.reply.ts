import { parseStatusCodes } from '@score-crm/adapter-kit';
import type { ReplyError } from './smtp.reply-errors.ts';

/** A reply of an SMTP server (RFC 5321, 4.2). */
export interface SmtpReply {
  readonly code: number;
  /** RFC 3463, e.g. `5.7.8`. */
  readonly enhancedCode?: string;
  /** The complete reply on one line. */
  readonly text: string;
  /**
   * The text in lowercase, for patterns: without the codes, and without host names and addresses of the conversation,
   * which the client chose and which may contain any word. Only the host of a link is kept.
   */
  readonly words: string;
}

const REPLY = /^([2-5]\d\d)(?=$|[\s-])/;
const LINE_CODES = /^[2-5]\d\d(?:[ -]|$)\s{0,8}(?:#?[245]\.\d{1,3}\.\d{1,3}(?!\S))?/;
const LINK = /^\W{0,3}https?:\/\/([\w.-]{1,253})/;
/** Angle brackets contain what the client sent; policy servers quote it with `helo=` and the like. */
const QUOTED = /@|^<|^\W{0,3}(client|ehlo|from|helo|id|mfrom|mta|rcpt|recipient|sender|to)=/;
const HOST = /^[^\w-]*(?:[\w-]+\.)+[a-z]{2,}\W*$/;
/** Significant hosts: those of blocklists, and what Exchange writes in front of its reasons. */
const TELLING = /abuseat|barracuda|proofpoint|sorbs|spamcop|spamhaus|resolver\.|storedrv\./;
/** Postfix quotes the name of the account, which may be any word. */
const LOGIN_NAME = /(owned by (?:auth )?user) \S+/;
/** The significant part is at the start; a longer text is not worth the time. */
const MAX_CHARACTERS = 2_048;

/** Parses a reply. Returns undefined for text that no SMTP server sends. */
export function parseReply(response: string): SmtpReply | undefined {
  const code = REPLY.exec(response)?.[1];
  if (code === undefined) return undefined;
  const { enhancedCode } = parseStatusCodes(response);
  return {
    code: Number(code),
    ...(enhancedCode === undefined || enhancedCode[0] !== code[0] ? {} : { enhancedCode }),
    // eslint-disable-next-line no-control-regex -- a multi-line reply is shown on one line
    text: response.replace(/[\0-\x1f\x7f]+/g, ' ').trim(),
    words: wordsOf(response.slice(0, MAX_CHARACTERS)),
  };
}

function wordsOf(response: string): string {
  return response
    .toLowerCase()
    .replaceAll('’', "'")
    .split(/[\r\n]+/)
    .flatMap((line) => line.replace(LINE_CODES, '').split(/\s+/))
    .map((word) => LINK.exec(word)?.[1] ?? word)
    .filter((word) => word !== '' && !QUOTED.test(word) && (!HOST.test(word) || TELLING.test(word)))
    .join(' ')
    .replace(LOGIN_NAME, '$1');
}

/**
 * Matches replies that meet all of these conditions. The patterns run in linear time: a server may send anything, so no
 * pattern has an unbounded repetition.
 */
export interface Rule {
  readonly code?: RegExp;
  readonly enhanced?: RegExp;
  /** Matches the reply's `words`, which are in lowercase. */
  readonly words?: RegExp;
  readonly not?: RegExp;
  readonly error: ReplyError;
}

/** Returns the error of the first matching rule. */
export function firstMatch(rules: readonly Rule[], reply: SmtpReply): ReplyError | undefined {
  return rules.find((rule) => matches(rule, reply))?.error;
}

function matches({ code, enhanced, words, not }: Rule, reply: SmtpReply): boolean {
  if (code?.test(String(reply.code)) === false) return false;
  if (enhanced?.test(reply.enhancedCode ?? '') === false) return false;
  return words?.test(reply.words) !== false && not?.test(reply.words) !== true;
}
