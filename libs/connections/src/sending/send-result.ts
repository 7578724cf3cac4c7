import type { Scrubber, SendResult } from '@score-crm/adapter-kit';
import { scrubbedDetailsList } from '../adapters/failure-details.ts';

/**
 * What an adapter answered, as plain data, without secrets in what servers said. Addresses and the id stay as they are: a
 * short secret may be a part of them by chance.
 * @throws TypeError if it is no result
 */
export function readSendResult(answer: unknown, scrub: Scrubber): SendResult {
  const { messageId, accepted, rejected } = (answer ?? {}) as Partial<SendResult>;
  if (typeof messageId !== 'string' || !Array.isArray(accepted) || !Array.isArray(rejected)) {
    throw new TypeError('The answer is no result of sending.');
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
