// Undocumented behavior of the vendor, in one place: if SendGrid turns out to behave differently, change this file.

/** A longer wait than this in `X-RateLimit-Reset` indicates a wrong clock. */
export const MAX_RATE_LIMIT_MS = 24 * 60 * 60 * 1000;

/**
 * For mail accepted by the API, `smtp-id` starts with the id of `X-Message-Id`. For mail by SMTP it is the sender's
 * Message-ID, which names a host of the sender: only SendGrid's own hosts count.
 */
export const SMTP_ID_OF_THE_API = /^<([\w-]{22})@(?:geopod-)?ismtpd[\w.-]*>$/;

/**
 * A bounce after three days of deferrals. The status is that of the last deferral.
 * https://github.com/anymail/django-anymail handles it too.
 */
export const EXPIRED_BOUNCE = 'expired';

/** The values that “Test Your Integration” posts. The vendor publishes them only as an example. */
export const INTEGRATION_TEST = {
  messageId: '14c5d75ce93',
  recipient: 'example@test.com',
  category: 'cat facts',
} as const;

/**
 * The scopes needed for the settings of event webhooks. The vendor also documents that signed webhooks need a key with
 * full access, but not whether these scopes are sufficient.
 */
export const WEBHOOK_SCOPES = [
  'user.webhooks.event.settings.create',
  'user.webhooks.event.settings.read',
  'user.webhooks.event.settings.update',
  'user.webhooks.event.settings.delete',
  'user.webhooks.event.test.create',
] as const;
