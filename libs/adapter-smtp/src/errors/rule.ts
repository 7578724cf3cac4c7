import type { ReplyError } from './reply-error-map.ts';
import type { SmtpReply } from './smtp-reply.ts';

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
