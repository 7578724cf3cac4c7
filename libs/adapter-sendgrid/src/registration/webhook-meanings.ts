import type { Meanings } from '../api/response-error.ts';

const PLAN_LIMIT = { code: 'quota_exceeded', fault: 'configuration', retryable: false } as const;

/**
 * What the refusal of a call about event webhooks means. A 403 is explained by the key's permissions.
 * https://github.com/twilio/sendgrid-oai, `spec/json/tsg_webhooks_v3.json`
 */
export const WEBHOOK_MEANINGS: Meanings = [
  [
    400,
    /maximum number of webhooks/i,
    {
      ...PLAN_LIMIT,
      hint: 'The SendGrid plan allows no further event webhook. Delete one there that is not needed, or take a larger plan.',
    },
  ],
  [
    400,
    /cannot be modified based on your current billing plan/i,
    { ...PLAN_LIMIT, hint: 'The SendGrid plan does not allow to change this event webhook. Take a larger plan.' },
  ],
  [
    400,
    /not a valid url/i,
    { hint: 'SendGrid does not take this address. It must lead to this service from the internet, by https.' },
  ],
  [400, /.*/, { hint: 'SendGrid refused the event webhook. Read its reply.' }],
  [404, /.*/, { retryable: true, hint: 'SendGrid no longer has this event webhook. Try again.' }],
  [405, /.*/, { hint: 'SendGrid knows no such call. Check the base URL.' }],
];
