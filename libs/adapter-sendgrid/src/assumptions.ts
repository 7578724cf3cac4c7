// What no page of the vendor confirms, in one place: if SendGrid turns out to behave otherwise, this is the file to change.

/** A longer wait than this in `X-RateLimit-Reset` is taken for a clock that is wrong. */
export const LONGEST_RATE_LIMIT_MS = 24 * 60 * 60 * 1000;

/**
 * Where mail came in by the API, `smtp-id` starts with the id that `X-Message-Id` told. By SMTP it is the sender's own
 * Message-ID, which names a host of his: only SendGrid's own hosts count.
 */
export const SMTP_ID_OF_THE_API = /^<([\w-]{22})@(?:geopod-)?ismtpd[\w.-]*>$/;

/**
 * A bounce after three days of deferrals. The status then is that of the last deferral.
 * https://github.com/anymail/django-anymail reads it too.
 */
export const EXPIRED_BOUNCE = 'expired';

/** What “Test Your Integration” posts. The vendor publishes these values as an example, not as a promise. */
export const INTEGRATION_TEST = {
  messageId: '14c5d75ce93',
  recipient: 'example@test.com',
  category: 'cat facts',
} as const;

/**
 * What the settings of event webhooks need. The vendor's pages also say that signed webhooks want a key with full access,
 * but not whether these are enough for them.
 */
export const WEBHOOK_SCOPES = [
  'user.webhooks.event.settings.create',
  'user.webhooks.event.settings.read',
  'user.webhooks.event.settings.update',
  'user.webhooks.event.settings.delete',
  'user.webhooks.event.test.create',
] as const;
