import type { ErrorMap } from '../api/response-error.ts';

const PLAN_LIMIT = { code: 'quota_exceeded', fault: 'configuration', retryable: false } as const;

/**
 * The errors for rejected calls about event webhooks. A 403 is explained by the key's scopes.
 * https://github.com/twilio/sendgrid-oai, `spec/json/tsg_webhooks_v3.json`
 */
export const WEBHOOK_ERRORS: ErrorMap = [
  [
    400,
    /maximum number of webhooks/i,
    {
      ...PLAN_LIMIT,
      hint: 'The SendGrid plan allows no additional event webhook. Delete an unused one there, or upgrade the plan.',
    },
  ],
  [
    400,
    /cannot be modified based on your current billing plan/i,
    { ...PLAN_LIMIT, hint: 'The SendGrid plan does not allow changes to this event webhook. Upgrade the plan.' },
  ],
  [
    400,
    /not a valid url/i,
    { hint: 'SendGrid rejected the webhook URL. It must be an HTTPS URL that is reachable from the internet.' },
  ],
  [400, /.*/, { hint: 'SendGrid rejected the event webhook. Read its reply.' }],
  [404, /.*/, { retryable: true, hint: 'The event webhook no longer exists at SendGrid. Try again.' }],
  [405, /.*/, { hint: 'SendGrid does not know this API call. Check the base URL.' }],
];
