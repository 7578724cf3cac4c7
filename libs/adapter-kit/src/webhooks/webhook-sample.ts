import { randomBytes } from 'node:crypto';
import type { SampleEvent, SetupInstruction, WebhookHead, WebhookRequest } from './webhook-receiver.ts';

// For documentation: RFC 5737.
const READER = { ip: '203.0.113.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' } as const;

/** One event of each kind, each of another recipient. */
const EVENTS = [
  { kind: 'delivered', recipient: 'delivered@example.com', reply: '250 2.0.0 OK', ...READER },
  { kind: 'bounced', recipient: 'bounced@example.com', reply: '550 5.1.1 User unknown', ...READER },
  { kind: 'opened', recipient: 'opened@example.com', reply: '', ...READER },
] as const;

/**
 * Returns the events of a new sample. They belong to one message, which does not exist.
 * @param metadata of the message
 */
export function sampleEvents(now: Date, metadata: Readonly<Record<string, string>>): readonly SampleEvent[] {
  const at = new Date(Math.floor(now.getTime() / 1000) * 1000);
  const messageId = newId();
  return EVENTS.map((event) => ({ ...event, id: newId(), at, messageId, metadata }));
}

function newId(): string {
  return randomBytes(16).toString('hex');
}

/** Returns a request with this JSON as its body. */
export function sampleRequest(json: unknown, { headers, query = {} }: Partial<WebhookHead> = {}): WebhookRequest {
  const body = Buffer.from(JSON.stringify(json));
  return { headers: { 'content-type': 'application/json', ...headers }, query, body };
}

/** Returns the value of the header `Authorization` with these credentials (Basic, RFC 7617). */
export function basicCredentials(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/**
 * Returns setup instructions, in the order of their titles.
 * @param steps by title: the text, or the text and a value to copy, which is left out if it is empty
 * @example
 * setupSteps({
 *   'Open the webhooks': 'Log in to app.acme.example and open Webhooks.',
 *   'Add one': ['Choose “Add webhook”, paste this URL and save.', url],
 * });
 */
export function setupSteps(
  steps: Readonly<Record<string, string | readonly [text: string, value: string]>>,
): readonly SetupInstruction[] {
  return Object.entries(steps).map(([title, step]) => {
    const [text, value = ''] = typeof step === 'string' ? [step] : step;
    return value === '' ? { title, text } : { title, text, value };
  });
}
