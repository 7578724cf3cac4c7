import type { SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';

/** The keys of the sandbox, in the vendor's format. Each except the first causes one of the documented errors. */
export const SANDBOX_KEYS = {
  working: '5a11d0b0c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  /** Can do everything except send. */
  noTransmissions: '5a11d0b1c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  /** Can only send: the minimal key. */
  onlyTransmissions: '5a11d0b2c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  suspended: '5a11d0b3c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  hourlyLimit: '5a11d0b4c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  unverifiedSender: '5a11d0b5c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  blockedSender: '5a11d0b6c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  noRecipients: '5a11d0b7c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  generationRejected: '5a11d0b8c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  rateLimited: '5a11d0b9c5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  serverError: '5a11d0bac5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  unavailable: '5a11d0bbc5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  hanging: '5a11d0bcc5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  notJson: '5a11d0bdc5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
  signInPage: '5a11d0bec5f2473e9d3e8f0c1b7a6d5e4f3c2b1a',
} as const;

type Area = '/account' | '/sending-domains' | '/transmissions' | '/webhooks';

interface Failure {
  readonly answer: SandboxAnswer;
  /** Where it fails. Default: everywhere. */
  readonly areas?: readonly Area[];
}

const SENDING: readonly Area[] = ['/transmissions'];

const FAILURES: ReadonlyMap<string, Failure> = new Map<string, Failure>([
  [SANDBOX_KEYS.noTransmissions, { answer: answers.forbidden, areas: SENDING }],
  [SANDBOX_KEYS.onlyTransmissions, { answer: answers.forbidden, areas: ['/account', '/sending-domains', '/webhooks'] }],
  [SANDBOX_KEYS.suspended, { answer: answers.forbidden, areas: SENDING }],
  [SANDBOX_KEYS.hourlyLimit, { answer: answers.hourlyLimit, areas: SENDING }],
  [SANDBOX_KEYS.unverifiedSender, { answer: answers.unverifiedSender, areas: SENDING }],
  [SANDBOX_KEYS.blockedSender, { answer: answers.blockedSender, areas: SENDING }],
  [SANDBOX_KEYS.noRecipients, { answer: answers.noRecipients, areas: SENDING }],
  [SANDBOX_KEYS.generationRejected, { answer: answers.generationRejected, areas: SENDING }],
  [SANDBOX_KEYS.rateLimited, { answer: answers.tooManyRequests }],
  [SANDBOX_KEYS.serverError, { answer: answers.serverError }],
  [SANDBOX_KEYS.unavailable, { answer: answers.unavailable }],
  [SANDBOX_KEYS.hanging, { answer: 'hang' }],
  [SANDBOX_KEYS.notJson, { answer: answers.notJson }],
  [SANDBOX_KEYS.signInPage, { answer: answers.signInPage }],
]);

/** Returns the rejection of a request with this `Authorization`, or undefined. */
export function refusalOf(authorization: string | undefined, path: string): SandboxAnswer | undefined {
  if (!(Object.values(SANDBOX_KEYS) as (string | undefined)[]).includes(authorization)) return answers.unauthorized;
  const failure = FAILURES.get(authorization ?? '');
  if (failure === undefined) return undefined;
  return failure.areas?.some((area) => path.startsWith(area)) === false ? undefined : failure.answer;
}

/** Changes to the settings of a working account, by the code of the error that they cause. */
export const FAILING_SETTINGS = {
  authentication_failed: { apiKey: '0000000000000000000000000000000000000000' },
  invalid_response: { apiKey: SANDBOX_KEYS.signInPage },
  message_rejected: { apiKey: SANDBOX_KEYS.generationRejected },
  permission_denied: { apiKey: SANDBOX_KEYS.noTransmissions },
  quota_exceeded: { apiKey: SANDBOX_KEYS.hourlyLimit },
  rate_limited: { apiKey: SANDBOX_KEYS.rateLimited },
  recipient_rejected: { apiKey: SANDBOX_KEYS.noRecipients },
  sender_not_verified: { apiKey: SANDBOX_KEYS.unverifiedSender },
  sender_rejected: { apiKey: SANDBOX_KEYS.blockedSender },
  temporarily_unavailable: { apiKey: SANDBOX_KEYS.unavailable },
  timeout: { apiKey: SANDBOX_KEYS.hanging },
} as const;
