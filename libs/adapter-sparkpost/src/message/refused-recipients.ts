import {
  AdapterError,
  type AdapterErrorDetails,
  omitUndefined,
  type RejectedRecipient,
  wireAddress,
} from '@score-crm/adapter-kit';

/**
 * The vendor counts the recipients that it refused and says why, but nothing promises that it names them. Where those that
 * its words name make up the number, they are the ones. Otherwise each of the others may be one: none of them is called
 * accepted, and none a bad address.
 * @param words what is said of each refused one, without secrets
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

/** Whether the words hold the address, and not only as a part of a longer one. */
function mentions(words: string, address: string): boolean {
  const literal = address.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\w.+-])${literal}(?![\w-]|\.\w)`, 'i').test(words);
}

function refusal(words: string): AdapterErrorDetails {
  const hint = 'SparkPost does not take this address. Check it.';
  return detailsOf({ code: 'recipient_rejected', fault: 'recipient', hint }, words);
}

function perhapsRefused(count: number, of: number, words: string): AdapterErrorDetails {
  const hint = `SparkPost refused ${String(count)} of ${String(of)} recipients without naming them all. Whether this is one shows by its events: wait for them before the message is sent again.`;
  return detailsOf({ code: 'unexpected', fault: 'vendor', hint }, words);
}

function detailsOf(error: Pick<AdapterErrorDetails, 'code' | 'fault' | 'hint'>, words: string): AdapterErrorDetails {
  const reply = words === '' ? undefined : words;
  return new AdapterError({ stage: 'recipient', retryable: false, ...error, ...omitUndefined('reply', reply) }).details;
}
