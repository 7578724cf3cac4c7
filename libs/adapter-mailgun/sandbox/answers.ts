import { jsonAnswer, type SandboxAnswer } from '@score-crm/adapter-kit/sandbox';

/** For a domain that cannot send, with the vendor's reason. */
function notAllowed(status: number, domain: string, why: string): SandboxAnswer {
  return jsonAnswer(status, { message: `Domain ${domain} is not allowed to send: ${why}` });
}

/**
 * The documented responses.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks
 */
export const answers = {
  queued: (id: string): SandboxAnswer => jsonAnswer(200, { id: `<${id}>`, message: 'Queued. Thank you.' }),
  invalid: (message: string): SandboxAnswer => jsonAnswer(400, { message }),
  invalidWebhook: (reason: string): SandboxAnswer => jsonAnswer(400, { Reason: reason }),
  noSigningKey: jsonAnswer(400, { message: 'could not get HSK for account' }),
  // Plain text, as documented for messages; the rest of the API uses the other.
  forbidden: { status: 401, headers: { 'content-type': 'text/plain' }, body: 'Forbidden' } satisfies SandboxAnswer,
  wrongKey: jsonAnswer(401, { message: 'Invalid private key' }),
  paymentRequired: jsonAnswer(402, { message: 'Request failed' }),
  noPermission: jsonAnswer(403, { message: 'Forbidden - user does not have permission to view this resource' }),
  unverified: (domain: string): SandboxAnswer =>
    notAllowed(
      400,
      domain,
      'The domain is unverified and requires DNS configuration. Log in to your control panel to view required DNS records.',
    ),
  notAuthorized: (domain: string): SandboxAnswer =>
    notAllowed(
      403,
      domain,
      'Sandbox subdomains are for test purposes only. Please add your own domain or add the address to authorized recipients in Account Settings.',
    ),
  disabled: (domain: string): SandboxAnswer => notAllowed(403, domain, 'Account disabled'),
  notActivated: (domain: string): SandboxAnswer =>
    notAllowed(
      400,
      domain,
      'Please activate your Mailgun account. Check your inbox or log in to your control panel to resend the activation email.',
    ),
  recipientLimit: (domain: string): SandboxAnswer => notAllowed(400, domain, 'recipient limit exceeded'),
  rateLimited: (domain: string, until: Date): SandboxAnswer =>
    notAllowed(429, domain, `request limit exceeded, try again after ${until.toUTCString().replace('GMT', 'UTC')}`),
  rateLimitedFor: (domain: string, seconds: number): SandboxAnswer =>
    notAllowed(429, domain, `account-requests-per-sec limit exceeded, try again after ${String(seconds)} seconds`),
  domainNotFound: (domain: string): SandboxAnswer => jsonAnswer(404, { message: `Domain not found: ${domain}` }),
  webhookNotFound: jsonAnswer(404, { Description: 'Webhook not found' }),
  notFound: {
    status: 404,
    headers: { 'content-type': 'text/html' },
    body: '404 page not found',
  } satisfies SandboxAnswer,
  tooLarge: jsonAnswer(413, { message: 'request size exceeds 52.4MiB limit' }),
  serverError: jsonAnswer(500, { message: 'Internal Server Error' }),
  unavailable: {
    status: 503,
    headers: { 'content-type': 'text/html' },
    body: '<html>503</html>',
  } satisfies SandboxAnswer,
  notJson: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>502</html>' } satisfies SandboxAnswer,
  // https://github.com/anymail/django-anymail, `anymail/backends/mailgun.py`
  greeting: {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: 'Mailgun Magnificent API',
  } satisfies SandboxAnswer,
} as const;
