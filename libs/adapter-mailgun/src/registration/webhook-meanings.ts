import { MAIL_MEANINGS } from '../api/mail-meanings.ts';
import type { Meanings } from '../api/response-error.ts';

/**
 * What the refusal of a call about webhooks means. A refused key is explained by what it may do.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks
 */
export const WEBHOOK_MEANINGS: Meanings = [
  [
    [400],
    /not a valid url/i,
    {
      fault: 'configuration',
      hint: 'Mailgun does not take this address. Its host must be known, and lead to this service from the internet.',
    },
  ],
  [[400], /.*/, { fault: 'configuration', hint: 'Mailgun refused the webhook. Read its reply.' }],
  [[404], /webhook not found/i, { retryable: true, hint: 'Mailgun no longer has this webhook. Try again.' }],
  ...MAIL_MEANINGS,
];
