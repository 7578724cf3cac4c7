import { createHmac } from 'node:crypto';
import { isJsonObject, sameSecret, scalarOf, textOf, unixTime, type WebhookVerdict } from '@score-crm/adapter-kit';
import { MAX_SIGNATURE_AGE_MS } from '../assumptions.ts';
import { objectIn } from './json-member.ts';
import { readPost } from './read-post.ts';

/** The signature that accompanies an event. */
interface SignatureData {
  readonly timestamp: string;
  readonly token: string;
  /** The keys of the account and, for a subaccount, of its parent account. */
  readonly signatures: readonly string[];
}

/**
 * HMAC-SHA-256 with the account's signing key over timestamp and token, with nothing in between. It shows that Mailgun
 * created the token, and nothing about the event next to it. Hence the limit of its age: anyone who has seen one could
 * otherwise use it for other events forever.
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

function readSignature(post: Parameters<typeof objectIn>[0]): SignatureData | undefined {
  const credentials = objectIn(post, 'signature');
  const timestamp = scalarOf(credentials, 'timestamp') ?? '';
  const token = textOf(credentials, 'token');
  const signatures = ['signature', 'parent-signature'].flatMap((member) => textOf(credentials, member) ?? []);
  // Without a separator between the two, a digit of one could pass as a digit of the other.
  if (!/^\d{10}$/.test(timestamp) || token === undefined || signatures.length === 0) return undefined;
  return { timestamp, token, signatures };
}

function isRecent({ timestamp }: SignatureData, now: number): boolean {
  const time = unixTime(timestamp)?.getTime() ?? 0;
  return Math.abs(now - time) <= MAX_SIGNATURE_AGE_MS;
}
