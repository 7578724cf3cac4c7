import { randomBytes } from 'node:crypto';
import type { WebhookPost } from '@score-crm/adapter-kit/sandbox';
import type { SandboxEvent } from './mail-events.ts';
import type { WebhookJson } from './webhook-json.ts';

/** The vendor's test of a URL: an item without a class. */
export function pingPost(webhook: WebhookJson): WebhookPost {
  return post(webhook, [{ msys: {} }]);
}

/** The events that a webhook has selected, in one batch; no request if there are none. */
export function batchPost(webhook: WebhookJson, events: readonly SandboxEvent[]): readonly WebhookPost[] {
  const wanted = events.filter(({ event }) => webhook.events.includes(event.type));
  if (!webhook.active || wanted.length === 0) return [];
  const items = wanted.map(({ class: name, event }) => ({ msys: { [name]: event } }));
  return [post(webhook, items)];
}

function post(webhook: WebhookJson, batch: readonly object[]): WebhookPost {
  return {
    url: webhook.target,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'SparkPost',
      'x-messagesystems-batch-id': randomBytes(16).toString('hex'),
      ...authentication(webhook),
      ...webhook.custom_headers,
    },
    body: JSON.stringify(batch),
  };
}

function authentication({ auth_type, auth_credentials, auth_token }: WebhookJson): Record<string, string> {
  if (auth_token !== '') return { 'x-messagesystems-webhook-token': auth_token };
  if (auth_type !== 'basic') return {};
  const { username = '', password = '' } = auth_credentials;
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
