import { createHmac } from 'node:crypto';
import { isJsonObject, sameSecret, scalarOf, textOf, unixTime, type WebhookVerdict } from '@score-crm/adapter-kit';
import { LONGEST_PROOF_MS } from '../assumptions.ts';
import { objectIn } from './json-member.ts';
import { readPost } from './read-post.ts';

/** What stands beside an event to prove it. */
interface Proof {
  readonly timestamp: string;
  readonly token: string;
  /** Of the account, and of the one above it where the account is a subaccount. */
  readonly signatures: readonly string[];
}

/**
 * HMAC-SHA-256 by the account's signing key over timestamp and token, nothing between them. It proves that Mailgun made
 * the token, and nothing about the event beside it. Hence the limit of its age: whoever has seen one could otherwise put
 * events of his own beside it for ever.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
 */
export function verifySignature(
  body: Uint8Array,
  signingKey: string | undefined,
  now: number = Date.now(),
): WebhookVerdict {
  if (signingKey === undefined || signingKey === '') return 'not_configured';
  const post = readPost(body)?.json;
  if (!isJsonObject(post) || post['signature'] === undefined) return 'missing';
  const credentials = readSignature(post);
  if (credentials === undefined) return 'malformed';
  const expected = createHmac('sha256', signingKey)
    .update(credentials.timestamp + credentials.token)
    .digest('hex');
  const isGenuine = credentials.signatures.some((signature) => sameSecret(signature, expected));
  return isGenuine && isRecent(credentials, now) ? 'verified' : 'invalid';
}

function readSignature(post: Parameters<typeof objectIn>[0]): Proof | undefined {
  const credentials = objectIn(post, 'signature');
  const timestamp = scalarOf(credentials, 'timestamp') ?? '';
  const token = textOf(credentials, 'token');
  const signatures = ['signature', 'parent-signature'].flatMap((member) => textOf(credentials, member) ?? []);
  // Without a border between the two, a digit of the one could pass for one of the other.
  if (!/^\d{10}$/.test(timestamp) || token === undefined || signatures.length === 0) return undefined;
  return { timestamp, token, signatures };
}

function isRecent({ timestamp }: Proof, now: number): boolean {
  const time = unixTime(timestamp)?.getTime() ?? 0;
  return Math.abs(now - time) <= LONGEST_PROOF_MS;
}
