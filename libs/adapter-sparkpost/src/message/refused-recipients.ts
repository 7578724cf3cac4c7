import {
  AdapterError,
  type AdapterErrorDetails,
  omitUndefined,
  type RejectedRecipient,
  wireAddress,
} from '@score-crm/adapter-kit';

/**
 * The vendor counts the rejected recipients and gives reasons, but does not promise to name them. If the addresses in
 * its text match the count, those are the rejected ones. Otherwise each of the others may be one: none of them is
 * reported as accepted, and none as a bad address.
 * @param words the texts about the rejected recipients, without secrets
 */
export function refusedRecipients(
  all: readonly string[],
  count: number,
  words: readonly string[],
): RejectedRecipient[] {
  const refused: RejectedRecipient[] = [];
  const unnamed: string[] = [];
  for (const recipient of all) {
    const own = words.find((one) => mentions(one, recipient) || mentions(one, wireAddress(recipient)));
    if (own === undefined) unnamed.push(recipient);
    else refused.push({ recipient, error: refusal(own) });
  }
  if (refused.length === count) return refused;
  const doubt = perhapsRefused(count, all.length, words.join(' '));
  return [...refused, ...unnamed.map((recipient) => ({ recipient, error: doubt }))];
}

/** Whether the text contains the address, and not only as a part of a longer one. */
function mentions(words: string, address: string): boolean {
  const literal = address.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\w.+-])${literal}(?![\w-]|\.\w)`, 'i').test(words);
}

function refusal(words: string): AdapterErrorDetails {
  const hint = 'SparkPost rejected this address. Check it.';
  return detailsOf({ code: 'recipient_rejected', fault: 'recipient', hint }, words);
}

function perhapsRefused(count: number, of: number, words: string): AdapterErrorDetails {
  const hint = `SparkPost rejected ${String(count)} of ${String(of)} recipients without naming all of them. Wait for the events of this recipient before you send the message again.`;
  return detailsOf({ code: 'unexpected', fault: 'vendor', hint }, words);
}

function detailsOf(error: Pick<AdapterErrorDetails, 'code' | 'fault' | 'hint'>, words: string): AdapterErrorDetails {
  const reply = words === '' ? undefined : words;
  return new AdapterError({ stage: 'recipient', retryable: false, ...error, ...omitUndefined('reply', reply) }).details;
}
