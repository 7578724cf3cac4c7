import type { Scrubber, SendResult } from '@score-crm/adapter-kit';
import { scrubbedDetailsList } from '../adapters/failure-details.ts';

/**
 * Returns the result of an adapter as plain data, without secrets in the replies of servers. Addresses and the id are not
 * scrubbed: a short secret may be a part of them by chance.
 * @throws TypeError if it is not a result
 */
export function readSendResult(answer: unknown, scrub: Scrubber): SendResult {
  const { messageId, accepted, rejected } = (answer ?? {}) as Partial<SendResult>;
  if (typeof messageId !== 'string' || !Array.isArray(accepted) || !Array.isArray(rejected)) {
    throw new TypeError('The adapter did not return a result of sending.');
  }
  const refusals = rejected as SendResult['rejected'];
  const errors = scrubbedDetailsList(
    refusals.map(({ error }) => error),
    scrub,
  );
  return {
    messageId,
    accepted: (accepted as unknown[]).map(String),
    rejected: errors.map((error, index) => ({ recipient: refusals[index]?.recipient ?? '', error })),
  };
}
