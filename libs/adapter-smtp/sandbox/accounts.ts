/** The password of all accounts. */
export const PASSWORD = 'sandbox-password-open-sesame';
export const WORKING = 'sandbox';

/** The relay's reply to an account that has a problem, and the command that it replies to. */
interface Trouble {
  readonly login?: string;
  readonly sender?: string;
  readonly message?: string;
}

/** By username. The texts are those of well-known relays, as the adapter must distinguish them. */
export const ACCOUNTS: ReadonlyMap<string | undefined, Trouble> = new Map<string | undefined, Trouble>([
  [WORKING, {}],
  ['sandbox-app-password', { login: '534 5.7.9 Application-specific password required' }],
  ['sandbox-unavailable', { login: '454 4.7.0 Temporary authentication failure' }],
  ['sandbox-quota', { sender: '550 5.4.5 Daily user sending limit exceeded' }],
  ['sandbox-rate', { sender: '450 4.7.0 Rate limit exceeded, slow down' }],
  ['sandbox-sender', { sender: '553 5.7.1 Sender address rejected: not owned by user' }],
  ['sandbox-unverified', { sender: '553 5.7.1 Sender address is not verified' }],
  ['sandbox-content', { message: '554 5.7.1 Message refused for its content' }],
]);

/** Changes to the settings of the working account, by the code of the error that they cause. */
export const FAILURES = {
  app_password_required: { username: 'sandbox-app-password' },
  authentication_failed: { password: 'sandbox-password-wrong' },
  message_rejected: { username: 'sandbox-content' },
  quota_exceeded: { username: 'sandbox-quota' },
  rate_limited: { username: 'sandbox-rate' },
  sender_not_verified: { username: 'sandbox-unverified' },
  sender_rejected: { username: 'sandbox-sender' },
  // The sandbox does not encrypt.
  starttls_not_offered: { secure: true },
  temporarily_unavailable: { username: 'sandbox-unavailable' },
  tls_not_spoken: { secure: true, tlsMode: 'implicit' },
} as const;
