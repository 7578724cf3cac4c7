import { jsonAnswer, type SandboxAnswer } from '@score-crm/adapter-kit/sandbox';

/** An error in Postmark's form: its code is repeated in a header, and says more than the status. */
export function apiError(code: number, message: string, status = 422): SandboxAnswer {
  return jsonAnswer(status, { ErrorCode: code, Message: message }, { 'x-pm-apierrorcode': String(code) });
}

/** Responses that no request of this sandbox leads to by its content. The words are not Postmark's. */
export const answers = {
  wrongToken: apiError(10, 'No valid server token in the request.', 401),
  wrongAccountToken: apiError(10, 'No valid account token in the request.', 401),
  firewall: { status: 403, headers: { 'content-type': 'text/html' }, body: '<html><h1>403 Forbidden</h1></html>' },
  ipNotAllowed: apiError(1480, 'Requests from 198.51.100.9 are not allowed.', 403),
  noCredits: apiError(405, 'The account has no credits left.'),
  pending: apiError(412, 'Recipients must be in the domain of From while the account is pending approval.'),
  notApproved: apiError(413, 'The account may not send.'),
  tooLarge: { status: 413, body: '' },
  wrongType: { status: 415, body: '' },
  rateLimited: apiError(429, 'Too many requests.', 429),
  serverError: apiError(101, 'Unexpected trouble.', 500),
  maintenance: apiError(100, 'Offline for maintenance.', 503),
  notFound: apiError(12, 'There is nothing here.', 404),
} as const satisfies Readonly<Record<string, SandboxAnswer>>;
