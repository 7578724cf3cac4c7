import { MAIL_ERRORS } from '../api/mail-error-map.ts';
import type { ErrorMap } from '../api/response-error.ts';

/**
 * The errors for rejected calls about webhooks. A rejected key is explained by its permissions.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks
 */
export const WEBHOOK_ERRORS: ErrorMap = [
  [
    [400],
    /not a valid url/i,
    {
      fault: 'configuration',
      hint: 'Mailgun rejected the webhook URL. Its host must be reachable from the internet.',
    },
  ],
  [[400], /.*/, { fault: 'configuration', hint: 'Mailgun rejected the webhook. Read its reply.' }],
  [[404], /webhook not found/i, { retryable: true, hint: 'The webhook no longer exists at Mailgun. Try again.' }],
  ...MAIL_ERRORS,
];
