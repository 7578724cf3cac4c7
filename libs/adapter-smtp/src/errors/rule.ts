import type { Meaning } from './reply-meanings.ts';
import type { SmtpReply } from './smtp-reply.ts';

/**
 * The meaning of a reply that fits all of these conditions. The patterns run in linear time: a server may send anything, so no
 * pattern repeats without a bound.
 */
export interface Rule {
  readonly code?: RegExp;
  readonly enhanced?: RegExp;
  /** Of the reply's `words`, which are in lower case. */
  readonly words?: RegExp;
  readonly not?: RegExp;
  readonly means: Meaning;
}

/** The meaning of the first rule that fits. */
export function firstFit(rules: readonly Rule[], reply: SmtpReply): Meaning | undefined {
  return rules.find((rule) => fits(rule, reply))?.means;
}

function fits({ code, enhanced, words, not }: Rule, reply: SmtpReply): boolean {
  if (code?.test(String(reply.code)) === false) return false;
  if (enhanced?.test(reply.enhancedCode ?? '') === false) return false;
  return words?.test(reply.words) !== false && not?.test(reply.words) !== true;
}
