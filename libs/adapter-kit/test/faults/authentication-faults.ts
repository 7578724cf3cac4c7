import type { WebhookHead, WebhookRequest, WebhookVerdict } from '@score-crm/adapter-kit';
import { sharedSecret, signature } from '../model/model-authentications.ts';
import type { ModelAdapter } from '../model/model.adapter.ts';
import { ModelSettings } from '../model/model.settings.ts';
import { type Fault, faulty, faultySharedSecret, webhooksWith } from './fault.ts';

type Authenticate = ModelAdapter['webhooks']['authenticate'];

const SIGNATURE = 'x-model-signature';

/** `authenticate` with the right one at hand. */
function authenticating(
  authenticate: (right: Authenticate, request: WebhookRequest, settings: ModelSettings) => WebhookVerdict,
  plant = faulty,
) {
  return plant((adapter) => {
    const right = adapter.webhooks.authenticate.bind(adapter.webhooks);
    return webhooksWith(adapter, {
      authenticate: (request: WebhookRequest, settings: ModelSettings) => authenticate(right, request, settings),
    });
  });
}

function withHeader(request: WebhookRequest, name: string, value: WebhookRequest['headers'][string]): WebhookRequest {
  return { ...request, headers: { ...request.headers, [name]: value } };
}

/** All secrets that were ever seen, of whichever connection. */
const seen = new Set<string>();

export const AUTHENTICATION_FAULTS: readonly Fault[] = [
  {
    rule: 'authentication-verifies',
    what: 'takes the bytes for text',
    subject: authenticating((right, request, settings) =>
      right({ ...request, body: Buffer.from(Buffer.from(request.body).toString()) }, settings),
    ),
  },
  {
    rule: 'authentication-covers-body',
    what: 'overlooks a line break at the end',
    subject: authenticating((right, request, settings) => {
      const verdict = right(request, settings);
      return verdict === 'invalid' && request.body.at(-1) === 0x0a
        ? right({ ...request, body: request.body.subarray(0, -1) }, settings)
        : verdict;
    }),
  },
  {
    rule: 'authentication-covers-body',
    what: 'checks the signature of JSON that it wrote anew',
    subject: authenticating((right, request, settings) => {
      const verdict = right(request, settings);
      if (verdict !== 'invalid') return verdict;
      try {
        const compact = JSON.stringify(JSON.parse(Buffer.from(request.body).toString()));
        return right({ ...request, body: Buffer.from(compact) }, settings);
      } catch {
        return verdict;
      }
    }),
  },
  {
    rule: 'authentication-covers-values',
    what: 'overlooks the first letter of a signature',
    subject: authenticating((right, request, settings) => {
      const given = request.headers[SIGNATURE];
      if (typeof given !== 'string' || given === '') return right(request, settings);
      const credentials = signature.sign(request.body, settings.webhookSecret ?? '').headers?.['X-Model-Signature'];
      const isClose = typeof credentials === 'string' && credentials.slice(1) === given.slice(1);
      return right(isClose ? withHeader(request, SIGNATURE, credentials) : request, settings);
    }),
  },
  {
    rule: 'authentication-covers-values',
    what: 'takes any user name with the password',
    subject: authenticating((right, request, settings) => {
      const given = request.headers['authorization'];
      const text = typeof given === 'string' ? Buffer.from(given.replace('Basic ', ''), 'base64').toString() : '';
      const { webhookSecret = '' } = settings;
      return webhookSecret !== '' && text.endsWith(`:${webhookSecret}`) ? 'verified' : right(request, settings);
    }, faultySharedSecret),
    alongside: ['authentication-once'],
  },
  {
    rule: 'authentication-required',
    what: 'takes what is not signed at all',
    subject: authenticating((right, request, settings) => {
      const verdict = right(request, settings);
      return verdict === 'missing' && !Object.keys(request.headers).some((name) => name.startsWith('x-model'))
        ? 'verified'
        : verdict;
    }),
  },
  {
    rule: 'authentication-before-body',
    what: 'reads the body of a request without a signature',
    subject: faulty((adapter) => webhooksWith(adapter, { authenticateHead: () => 'needs_body' })),
  },
  {
    rule: 'authentication-before-body',
    what: 'reads the body of a request with a wrong password',
    subject: faultySharedSecret((adapter) => {
      const right = adapter.webhooks.authenticateHead.bind(adapter.webhooks);
      return webhooksWith(adapter, {
        authenticateHead: (head: WebhookHead, settings: ModelSettings) => {
          const verdict = right(head, settings);
          return verdict === 'invalid' ? 'needs_body' : verdict;
        },
      });
    }),
  },
  {
    rule: 'authentication-once',
    what: 'takes the first of two signatures',
    subject: authenticating((right, request, settings) => {
      const given = request.headers[SIGNATURE];
      return right(typeof given === 'object' ? withHeader(request, SIGNATURE, given[0]) : request, settings);
    }),
  },
  {
    rule: 'authentication-by-own-key',
    what: 'remembers the keys of other connections',
    subject: authenticating((right, request, settings) => {
      if (settings.webhookSecret !== undefined) seen.add(settings.webhookSecret);
      const verdict = right(request, settings);
      if (verdict !== 'invalid') return verdict;
      const known = [...seen].some(
        (webhookSecret) =>
          right(request, Object.assign(new ModelSettings(), settings, { webhookSecret })) === 'verified',
      );
      return known ? 'verified' : verdict;
    }),
    alongside: ['authentication-never-throws'],
  },
  {
    rule: 'authentication-needs-a-key',
    what: 'checks nothing where there is no key',
    subject: authenticating((right, request, settings) => {
      const verdict = right(request, settings);
      return verdict === 'not_configured' ? 'verified' : verdict;
    }),
  },
  {
    rule: 'authentication-never-throws',
    what: 'throws at a signature that is too long',
    subject: authenticating((right, request, settings) => {
      const values = Object.values(request.headers).flat();
      if (values.some((value) => value !== undefined && value.length > 1_000)) throw new RangeError('Too long.');
      return right(request, settings);
    }),
  },
  {
    rule: 'authentication-verifies',
    what: 'waits for a password that the vendor does not send',
    subject: faultySharedSecret((adapter) =>
      webhooksWith(adapter, {
        authenticate: (request: WebhookRequest, { webhookSecret = '' }: ModelSettings) =>
          webhookSecret === '' ? 'not_configured' : sharedSecret.verify(request, `${webhookSecret}!`),
      }),
    ),
    alongside: [
      'authentication-by-own-key',
      'deduplication-keys-differ',
      'message-ids-match',
      'registration-drift',
      'registration-foreign',
      'registration-once',
      'registration-ping',
      'registration-removed',
      'sender-data-returns',
    ],
  },
  {
    rule: 'setupInstructions',
    what: 'does not show the address',
    subject: faulty((adapter) =>
      webhooksWith(adapter, {
        setupInstructions: () => [{ title: 'Add a webhook', text: 'Enter the address of this connection there.' }],
      }),
    ),
  },
  {
    rule: 'setupInstructions',
    what: 'shows the key of the account',
    subject: faulty((adapter) =>
      webhooksWith(adapter, {
        setupInstructions: (url: string, { apiKey }: ModelSettings) => [
          { title: 'Add a webhook', text: `Log in with ${apiKey} and enter this.`, value: url },
        ],
      }),
    ),
  },
];
