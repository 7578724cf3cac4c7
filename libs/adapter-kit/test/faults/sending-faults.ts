import {
  AdapterError,
  type CallOptions,
  type EmailMessage,
  HttpClient,
  OutboundPolicy,
  refuseMember,
  wireAddress,
} from '@score-crm/adapter-kit';
import { LIMITS } from '../model/model-message.ts';
import type { ModelAdapter } from '../model/model.adapter.ts';
import type { ModelSettings } from '../model/model.settings.ts';
import { failingAs, type Fault, faulty } from './fault.ts';

type Send = ModelAdapter['send'];

/** `send` with the right one at hand. */
function sending(
  send: (right: Send, message: EmailMessage, settings: ModelSettings, options?: CallOptions) => ReturnType<Send>,
) {
  return faulty((adapter) => {
    const right = adapter.send.bind(adapter);
    return { send: (...call: Parameters<Send>) => send(right, ...call) };
  });
}

/** `send` whose failures are told otherwise. */
function failing(otherwise: (error: AdapterError) => unknown) {
  return sending((right, ...call) => failingAs(right(...call), otherwise));
}

export const SENDING_FAULTS: readonly Fault[] = [
  {
    rule: 'declares-itself',
    what: 'says that its webhooks are proven otherwise',
    subject: faulty(({ capabilities }) => ({ capabilities: { ...capabilities, webhooks: 'shared-secret' } })),
  },
  {
    rule: 'sends',
    what: 'tells the recipients in other letters than they were given',
    subject: sending(async (right, ...call) => {
      const result = await right(...call);
      return { ...result, accepted: result.accepted.map((address) => address.toLowerCase()) };
    }),
  },
  {
    rule: 'capabilities-kept',
    what: 'refuses headers, which it says it sends',
    subject: sending(async (right, message, ...rest) => {
      if (Object.keys(message.headers ?? {}).length > 0)
        refuseMember('unsupported', ['headers'], 'There are no headers.');
      return right(message, ...rest);
    }),
  },
  {
    rule: 'capabilities-kept',
    what: 'drops headers, which it says it sends',
    subject: sending((right, message, ...rest) => {
      const own = Object.keys(message.headers ?? {}).every((name) => /^x-campaign$/i.test(name));
      return right({ ...message, ...(own ? { headers: {} } : {}) }, ...rest);
    }),
  },
  {
    rule: 'message-forms',
    what: 'drops a forged signature instead of refusing it',
    subject: sending((right, message, ...rest) => {
      const forged = Object.hasOwn(message.headers ?? {}, 'DKIM-Signature');
      return right({ ...message, ...(forged ? { headers: {} } : {}) }, ...rest);
    }),
  },
  {
    rule: 'message-forms',
    what: 'names recipients as they went over the wire',
    subject: sending(async (right, ...call) => {
      const result = await right(...call);
      return { ...result, accepted: result.accepted.map(wireAddress) };
    }),
  },
  {
    rule: 'unsupported-refused',
    what: 'drops tags, which it cannot express',
    subject: sending((right, message, ...rest) => right({ ...message, tags: [] }, ...rest)),
  },
  {
    rule: 'recipient-limit',
    what: 'says that it takes more recipients than it does',
    subject: faulty(({ capabilities }) => ({
      capabilities: { ...capabilities, maxRecipients: LIMITS.recipients + 1 },
    })),
  },
  {
    rule: 'size-limit',
    what: 'takes more bytes than it says',
    subject: faulty(({ capabilities }) => ({ capabilities: { ...capabilities, maxMessageBytes: LIMITS.bytes / 2 } })),
  },
  {
    rule: 'abort-obeyed',
    what: 'passes on what the signal says, as it is',
    subject: sending((right, message, settings, options = {}) =>
      failingAs(right(message, settings, options), (error) =>
        options.signal?.aborted === true ? options.signal.reason : error,
      ),
    ),
  },
  {
    rule: 'error-statuses',
    what: 'does not say how long to wait',
    subject: failing(({ details: { retryAfterMs: _left, ...details } }) => new AdapterError(details)),
  },
  {
    rule: 'error-statuses',
    what: 'has a code of its own',
    subject: failing(
      ({ details }) => new AdapterError(details.status === 404 ? { ...details, code: 'gone' as never } : details),
    ),
  },
  {
    rule: 'odd-answers',
    what: 'gives up where the connection broke',
    subject: failing(
      ({ details }) =>
        new AdapterError(details.code === 'connection_closed' ? { ...details, retryable: false } : details),
    ),
  },
  {
    rule: 'odd-answers',
    what: 'follows redirects',
    subject: faulty(({ api }) => ({ api: Object.assign(api, { http: new FollowingHttpClient(api.http) }) })),
  },
  {
    rule: 'no-secret-told',
    what: 'quotes the key in its hint',
    subject: sending((right, message, settings, ...rest) =>
      failingAs(
        right(message, settings, ...rest),
        ({ details }) =>
          new AdapterError(
            details.status === 401 ? { ...details, hint: `The key ${settings.apiKey} is wrong.` } : details,
          ),
      ),
    ),
  },
  {
    rule: 'no-secret-told',
    what: 'keeps the request as the cause of an error',
    subject: sending((right, message, settings, ...rest) =>
      failingAs(
        right(message, settings, ...rest),
        ({ details }) =>
          new AdapterError(details, { cause: { headers: { authorization: `Bearer ${settings.apiKey}` } } }),
      ),
    ),
  },
];

class FollowingHttpClient extends HttpClient {
  constructor(private readonly next: HttpClient) {
    super(new OutboundPolicy());
  }

  override async request(request: Parameters<HttpClient['request']>[0]): ReturnType<HttpClient['request']> {
    const response = await this.next.request(request);
    const location = response.header('location');
    return response.status >= 300 && response.status < 400 && location !== undefined
      ? this.next.request({ ...request, url: new URL(location, request.url) })
      : response;
  }
}
