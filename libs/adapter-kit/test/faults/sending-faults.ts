import {
  Adapter,
  AdapterError,
  type CallOptions,
  type EmailMessage,
  HttpClient,
  OutboundPolicy,
  refuseMember,
  VendorEndpoints,
  wireAddress,
} from '@score-crm/adapter-kit';
import { ModelAdapter } from '../model/model.adapter.ts';
import { RULES } from '../model/model.message.ts';
import type { ModelSettings } from '../model/model.settings.ts';
import { SUBJECTS } from '../model/subjects.ts';
import { failingAs, type Fault, faulty } from './fault.ts';

type Send = ModelAdapter['send'];

/** Replaces `send`, with the original as an argument. */
function sending(
  send: (original: Send, message: EmailMessage, settings: ModelSettings, options?: CallOptions) => ReturnType<Send>,
) {
  return faulty((adapter) => {
    const original = adapter.send.bind(adapter);
    return { send: (...call: Parameters<Send>) => send(original, ...call) };
  });
}

type SendBatch = NonNullable<ModelAdapter['sendBatch']>;

/** Replaces `sendBatch`, with the original as an argument. */
function batching(
  sendBatch: (original: SendBatch, ...call: Parameters<SendBatch>) => ReturnType<SendBatch>,
): ReturnType<typeof faulty> {
  return faulty((adapter) => {
    const original = adapter.sendBatch as SendBatch;
    return { sendBatch: (...call: Parameters<SendBatch>) => sendBatch(original, ...call) };
  });
}

function oneByOne(adapter: ModelAdapter): SendBatch {
  const original = adapter.sendBatch as SendBatch;
  return async (messages, ...rest) => {
    const results = await Promise.all(messages.map((message) => original([message], ...rest)));
    return results.flat();
  };
}

/** A `send` with replaced failures. */
function failing(replace: (error: AdapterError) => unknown) {
  return sending((original, ...call) => failingAs(original(...call), replace));
}

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

@Adapter({ vendor: 'model', displayName: 'Model Mail' })
class FollowingAdapter extends ModelAdapter {
  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    super(new FollowingHttpClient(http), endpoints);
  }
}

export const SENDING_FAULTS: readonly Fault[] = [
  {
    rule: 'declares-itself',
    what: 'declares another webhook authentication than it has',
    subject: faulty(({ capabilities }) => ({ capabilities: { ...capabilities, webhooks: 'shared-secret' } })),
  },
  {
    rule: 'sends',
    what: 'returns the recipients in another case than they were given',
    subject: sending(async (original, ...call) => {
      const result = await original(...call);
      return { ...result, accepted: result.accepted.map((address) => address.toLowerCase()) };
    }),
    alongside: ['message-forms'],
  },
  {
    rule: 'capabilities-kept',
    what: 'rejects headers, which it declares',
    subject: sending(async (original, message, ...rest) => {
      if (Object.keys(message.headers ?? {}).length > 0)
        refuseMember('unsupported', ['headers'], 'There are no headers.');
      return original(message, ...rest);
    }),
    alongside: ['message-forms'],
  },
  {
    rule: 'capabilities-kept',
    what: 'drops headers, which it declares',
    subject: sending((original, message, ...rest) => {
      const own = Object.keys(message.headers ?? {}).every((name) => /^x-campaign$/i.test(name));
      return original({ ...message, ...(own ? { headers: {} } : {}) }, ...rest);
    }),
  },
  {
    rule: 'message-forms',
    what: 'drops a forged signature instead of rejecting it',
    subject: sending((original, message, ...rest) => {
      const forged = Object.hasOwn(message.headers ?? {}, 'DKIM-Signature');
      return original({ ...message, ...(forged ? { headers: {} } : {}) }, ...rest);
    }),
  },
  {
    rule: 'message-forms',
    what: 'returns recipients in their wire form',
    subject: sending(async (original, ...call) => {
      const result = await original(...call);
      return { ...result, accepted: result.accepted.map(wireAddress) };
    }),
  },
  {
    rule: 'unsupported-refused',
    what: 'drops tags, which it does not support',
    subject: sending((original, message, ...rest) => original({ ...message, tags: [] }, ...rest)),
  },
  {
    rule: 'recipient-limit',
    what: 'declares a higher recipient limit than it has',
    subject: faulty(({ capabilities }) => ({
      capabilities: { ...capabilities, maxRecipients: RULES.recipients + 1 },
    })),
  },
  {
    rule: 'size-limit',
    what: 'accepts more bytes than it declares',
    subject: faulty(({ capabilities }) => ({ capabilities: { ...capabilities, maxMessageBytes: RULES.bytes / 2 } })),
  },
  {
    rule: 'batch-sent',
    what: 'makes a call for each message of a batch',
    subject: faulty((adapter) => ({ sendBatch: oneByOne(adapter) })),
  },
  {
    rule: 'batch-isolated',
    what: 'rejects a batch with an invalid message as a whole',
    subject: batching(async (original, messages, ...rest) => {
      const results = await original(messages, ...rest);
      const invalid = results.find((result) => 'error' in result);
      return invalid === undefined ? results : messages.map(() => invalid);
    }),
  },
  {
    rule: 'batch-content',
    what: 'sends the text of the first message to all recipients',
    subject: faulty(() => ({ batchKey: () => 'all' })),
  },
  {
    rule: 'batch-events',
    what: 'sends the metadata of the first message with all messages',
    subject: batching((original, messages, ...rest) =>
      original(
        messages.map((message, index) =>
          index === 0 || message.metadata?.['score_message_id'] === undefined
            ? message
            : { ...message, metadata: { ...messages[0]?.metadata } },
        ),
        ...rest,
      ),
    ),
  },
  {
    rule: 'abort-obeyed',
    what: 'passes on the signal’s reason unchanged',
    subject: sending((original, message, settings, options = {}) =>
      failingAs(original(message, settings, options), (error) =>
        options.signal?.aborted === true ? options.signal.reason : error,
      ),
    ),
  },
  {
    rule: 'error-statuses',
    what: 'does not report how long to wait',
    subject: failing(({ details: { retryAfterMs: _left, ...details } }) => new AdapterError(details)),
  },
  {
    rule: 'error-statuses',
    what: 'has its own error code',
    subject: failing(
      ({ details }) => new AdapterError(details.status === 404 ? { ...details, code: 'gone' as never } : details),
    ),
  },
  {
    rule: 'odd-answers',
    what: 'does not retry after a broken connection',
    subject: failing(
      ({ details }) =>
        new AdapterError(details.code === 'connection_closed' ? { ...details, retryable: false } : details),
    ),
  },
  {
    rule: 'odd-answers',
    what: 'follows redirects',
    subject: { ...SUBJECTS.signature, adapter: FollowingAdapter },
  },
  {
    rule: 'no-secret-disclosed',
    what: 'quotes the key in its hint',
    subject: sending((original, message, settings, ...rest) =>
      failingAs(
        original(message, settings, ...rest),
        ({ details }) =>
          new AdapterError(
            details.status === 401 ? { ...details, hint: `The key ${settings.apiKey} is wrong.` } : details,
          ),
      ),
    ),
  },
  {
    rule: 'no-secret-disclosed',
    what: 'keeps the request as the cause of an error',
    subject: sending((original, message, settings, ...rest) =>
      failingAs(
        original(message, settings, ...rest),
        ({ details }) =>
          new AdapterError(details, { cause: { headers: { authorization: `Bearer ${settings.apiKey}` } } }),
      ),
    ),
  },
];
