import { type Schema, schema } from '@score-crm/adapter-kit/sandbox';

const { flag, list, object, text } = schema;

/** https://developers.sparkpost.com/api/webhooks/#header-webhook-event-types */
const EVENTS: ReadonlySet<string> = new Set([
  'injection',
  'delivery',
  'delay',
  'bounce',
  'out_of_band',
  'policy_rejection',
  'generation_rejection',
  'generation_failure',
  'spam_complaint',
  'open',
  'initial_open',
  'amp_open',
  'click',
  'amp_click',
  'list_unsubscribe',
  'link_unsubscribe',
  'amp_initial_open',
  'relay_injection',
  'relay_delivery',
  'relay_tempfail',
  'relay_permfail',
  'relay_rejection',
  'ab_test_completed',
  'ab_test_cancelled',
  'success',
  'error',
  'sms_status',
]);
const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])$/;

/** As the vendor requires; on loopback, where a test listens, neither HTTPS nor port 443. */
function isTarget(target: string): boolean {
  if (!URL.canParse(target)) return false;
  const { protocol, hostname, port } = new URL(target);
  return LOOPBACK.test(hostname) ? /^https?:$/.test(protocol) : protocol === 'https:' && port === '';
}

const members = {
  // The API states no limit; the console accepts 24 characters.
  name: text({ min: 1, max: 24 }),
  target: text({ pattern: { test: isTarget } }),
  events: list(text({ pattern: { test: (event) => EVENTS.has(event) } }), { min: 1 }),
  active: flag,
  custom_headers: schema.texts,
  // OAuth 2.0 is documented too, but not used here.
  auth_type: text({ pattern: /^(?:none|basic)$/ }),
  auth_credentials: object({ username: text({ min: 1 }), password: text({ min: 1 }) }, ['username', 'password']),
};

/**
 * The vendor ignores unknown members; here they are rejected.
 * https://developers.sparkpost.com/api/webhooks/#header-webhooks-object
 */
export const createSchema: Schema = object(members, ['name', 'target', 'events']);
export const updateSchema: Schema = object(members);
