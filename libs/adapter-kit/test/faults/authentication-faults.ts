import type { SampleCall, WebhookHead, WebhookRequest, WebhookSample, WebhookVerdict } from '@score-crm/adapter-kit';
import { sharedSecret, signature } from '../model/model-authentications.ts';
import type { ModelAdapter } from '../model/model.adapter.ts';
import { ModelSettings } from '../model/model.settings.ts';
import { type Fault, faulty, faultySharedSecret, webhooksWith } from './fault.ts';

type Authenticate = ModelAdapter['webhooks']['authenticate'];
type Sample = ModelAdapter['webhooks']['sample'];

const SIGNATURE = 'x-model-signature';

/** Replaces `authenticate`, with the original as an argument. */
function authenticating(
  authenticate: (original: Authenticate, request: WebhookRequest, settings: ModelSettings) => WebhookVerdict,
  plant = faulty,
) {
  return plant((adapter) => {
    const original = adapter.webhooks.authenticate.bind(adapter.webhooks);
    return webhooksWith(adapter, {
      authenticate: (request: WebhookRequest, settings: ModelSettings) => authenticate(original, request, settings),
    });
  });
}

function withHeader(request: WebhookRequest, name: string, value: WebhookRequest['headers'][string]): WebhookRequest {
  return { ...request, headers: { ...request.headers, [name]: value } };
}

/** All secrets ever seen, of any connection. */
const seen = new Set<string>();

/** Replaces `sample`, with the original as an argument. */
function sampling(change: (original: Sample, call: SampleCall<ModelSettings>) => WebhookSample<ModelSettings>) {
  return faulty((adapter) => {
    const original = adapter.webhooks.sample.bind(adapter.webhooks);
    return webhooksWith(adapter, { sample: (call: SampleCall<ModelSettings>) => change(original, call) });
  });
}

export const AUTHENTICATION_FAULTS: readonly Fault[] = [
  {
    rule: 'sample-arrives',
    what: 'signs its sample with an empty key',
    subject: sampling((original, call) =>
      original({ ...call, settings: Object.assign(new ModelSettings(), call.settings, { webhookSecret: '' }) }),
    ),
  },
  {
    rule: 'sample-arrives',
    what: 'leaves the metadata out of its sample',
    subject: sampling((original, call) =>
      original({ ...call, events: call.events.map((event) => ({ ...event, metadata: {} })) }),
    ),
  },
  {
    rule: 'sample-arrives',
    what: 'composes the same events in every sample',
    subject: sampling((original, call) =>
      original({ ...call, events: call.events.map((event) => ({ ...event, id: event.kind })) }),
    ),
  },
  {
    rule: 'authentication-verifies',
    what: 'compares decoded text instead of bytes',
    subject: authenticating((original, request, settings) =>
      original({ ...request, body: Buffer.from(Buffer.from(request.body).toString()) }, settings),
    ),
  },
  {
    rule: 'authentication-covers-body',
    what: 'ignores a line break at the end',
    subject: authenticating((original, request, settings) => {
      const verdict = original(request, settings);
      return verdict === 'invalid' && request.body.at(-1) === 0x0a
        ? original({ ...request, body: request.body.subarray(0, -1) }, settings)
        : verdict;
    }),
  },
  {
    rule: 'authentication-covers-body',
    what: 'verifies the signature of JSON that it serialized again',
    subject: authenticating((original, request, settings) => {
      const verdict = original(request, settings);
      if (verdict !== 'invalid') return verdict;
      try {
        const compact = JSON.stringify(JSON.parse(Buffer.from(request.body).toString()));
        return original({ ...request, body: Buffer.from(compact) }, settings);
      } catch {
        return verdict;
      }
    }),
  },
  {
    rule: 'authentication-covers-values',
    what: 'ignores the first letter of a signature',
    subject: authenticating((original, request, settings) => {
      const given = request.headers[SIGNATURE];
      if (typeof given !== 'string' || given === '') return original(request, settings);
      const credentials = signature.sign(request.body, settings.webhookSecret ?? '').headers?.['X-Model-Signature'];
      const isClose = typeof credentials === 'string' && credentials.slice(1) === given.slice(1);
      return original(isClose ? withHeader(request, SIGNATURE, credentials) : request, settings);
    }),
  },
  {
    rule: 'authentication-covers-values',
    what: 'accepts any user name with the password',
    subject: authenticating((original, request, settings) => {
      const given = request.headers['authorization'];
      const text = typeof given === 'string' ? Buffer.from(given.replace('Basic ', ''), 'base64').toString() : '';
      const { webhookSecret = '' } = settings;
      return webhookSecret !== '' && text.endsWith(`:${webhookSecret}`) ? 'verified' : original(request, settings);
    }, faultySharedSecret),
    alongside: ['authentication-before-body', 'authentication-once'],
  },
  {
    rule: 'authentication-required',
    what: 'accepts unsigned requests',
    subject: authenticating((original, request, settings) => {
      const verdict = original(request, settings);
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
      const original = adapter.webhooks.authenticateHead.bind(adapter.webhooks);
      return webhooksWith(adapter, {
        authenticateHead: (head: WebhookHead, settings: ModelSettings) => {
          const verdict = original(head, settings);
          return verdict === 'invalid' ? 'needs_body' : verdict;
        },
      });
    }),
  },
  {
    rule: 'authentication-once',
    what: 'uses the first of two signatures',
    subject: authenticating((original, request, settings) => {
      const given = request.headers[SIGNATURE];
      return original(typeof given === 'object' ? withHeader(request, SIGNATURE, given[0]) : request, settings);
    }),
  },
  {
    rule: 'authentication-by-own-key',
    what: 'remembers the keys of other connections',
    subject: authenticating((original, request, settings) => {
      if (settings.webhookSecret !== undefined) seen.add(settings.webhookSecret);
      const verdict = original(request, settings);
      if (verdict !== 'invalid') return verdict;
      const known = [...seen].some(
        (webhookSecret) =>
          original(request, Object.assign(new ModelSettings(), settings, { webhookSecret })) === 'verified',
      );
      return known ? 'verified' : verdict;
    }),
    alongside: ['authentication-never-throws', 'sample-arrives'],
  },
  {
    rule: 'authentication-needs-a-key',
    what: 'verifies requests without a key',
    subject: authenticating((original, request, settings) => {
      const verdict = original(request, settings);
      return verdict === 'not_configured' ? 'verified' : verdict;
    }),
  },
  {
    rule: 'authentication-never-throws',
    what: 'throws for a signature that is too long',
    subject: authenticating((original, request, settings) => {
      const values = Object.values(request.headers).flat();
      if (values.some((value) => value !== undefined && value.length > 1_000)) throw new RangeError('Too long.');
      return original(request, settings);
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
      'sample-arrives',
      'sender-data-returns',
    ],
  },
  {
    rule: 'setup-instructions',
    what: 'does not show the address',
    subject: faulty((adapter) =>
      webhooksWith(adapter, {
        setupInstructions: () => [{ title: 'Add a webhook', text: 'Enter the address of this connection there.' }],
      }),
    ),
  },
  {
    rule: 'setup-instructions',
    what: 'shows the account’s key',
    subject: faulty((adapter) =>
      webhooksWith(adapter, {
        setupInstructions: (url: string, { apiKey }: ModelSettings) => [
          { title: 'Add a webhook', text: `Log in with ${apiKey} and enter this.`, value: url },
        ],
      }),
    ),
  },
];
