import { sameSecret, singleValue, type WebhookHead, type WebhookVerdict } from '@score-crm/adapter-kit';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';

const AUTHORIZATION = 'authorization';
const TOKEN_HEADER = 'x-messagesystems-webhook-token';

/**
 * SparkPost does not sign requests. They are authenticated by the password of their Basic credentials, or by the token
 * that a legacy webhook sends in a custom header. If a request has both, both must be right, as far as the connection
 * has values to compare.
 * https://support.sparkpost.com/docs/tech-resources/webhook-authentication
 */
export function authenticate({ headers }: WebhookHead, settings: SparkpostSettings): WebhookVerdict {
  const { webhookUsername, webhookPassword = '', webhookToken = '' } = settings;
  const verdicts = [
    ...(webhookPassword === '' ? [] : [basicVerdict(headers[AUTHORIZATION], webhookUsername, webhookPassword)]),
    ...(webhookToken === '' ? [] : [tokenVerdict(headers[TOKEN_HEADER], webhookToken)]),
  ];
  if (verdicts.length === 0) return 'not_configured';
  const wrong = verdicts.find((verdict) => verdict === 'invalid' || verdict === 'malformed');
  return wrong ?? (verdicts.includes('verified') ? 'verified' : 'missing');
}

function basicVerdict(header: WebhookHead['headers'][string], username: string, password: string): WebhookVerdict {
  const value = singleValue(header);
  if (value === undefined) return 'invalid';
  if (value === '') return 'missing';
  const credentials = basicCredentials(value);
  if (credentials === undefined) return 'malformed';
  // Both are always compared: the time must not show which was wrong.
  const matches = [sameSecret(credentials.username, username), sameSecret(credentials.password, password)];
  return matches.every(Boolean) ? 'verified' : 'invalid';
}

function tokenVerdict(header: WebhookHead['headers'][string], token: string): WebhookVerdict {
  const value = singleValue(header);
  if (value === '') return 'missing';
  return value !== undefined && sameSecret(value, token) ? 'verified' : 'invalid';
}

/** RFC 7617. Returns undefined for any other scheme, and for anything that is not base64 with a colon in it. */
function basicCredentials(header: string): { username: string; password: string } | undefined {
  const encoded = /^Basic +(\S+)$/i.exec(header)?.[1] ?? '';
  const bytes = Buffer.from(encoded, 'base64');
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0 || bytes.toString('base64') !== encoded) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
