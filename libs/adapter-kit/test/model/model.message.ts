import {
  base64Of,
  type BatchParts,
  type BatchResult,
  type CallOptions,
  type EmailMessage,
  isJsonObject,
  jsonSize,
  type MessageRules,
  recipientsOf,
  type SendResult,
  textOf,
  wireMessage,
} from '@score-crm/adapter-kit';
import type { ModelApi } from './model.api.ts';
import type { ModelSettings } from './model.settings.ts';

export const RULES: MessageRules<ModelSettings> = {
  vendor: 'Model Mail',
  recipients: 20,
  bytes: 200_000,
  metadata: {},
};

export async function sendMessage(
  api: ModelApi,
  settings: ModelSettings,
  message: EmailMessage,
  { signal }: CallOptions,
): Promise<SendResult> {
  const call = { method: 'POST', path: pathOf(settings), body: messageJson(message), signal } as const;
  const messageId = await api.read(settings, call, (json) => textOf(json, 'id'), 'so it may not have been sent');
  return { messageId, accepted: recipientsOf(message), rejected: [] };
}

/** Several messages with the same content, each with a sender, recipients, subject, headers and metadata of its own. */
export const BATCH: BatchParts<ModelSettings, ModelApi> = {
  messages: 10,
  bytes: 1_000_000,
  size: jsonSize,
  key: ({
    from: _from,
    to: _to,
    cc: _cc,
    bcc: _bcc,
    subject: _subject,
    headers: _headers,
    metadata: _own,
    ...content
  }) => JSON.stringify(messageJson({ ...content, from: NOBODY, to: [], subject: '' })),
  send: async (api, settings, messages, { signal }) => {
    const [first] = messages.map(messageJson);
    const own = messages.map((message) => {
      const { from, to, cc, bcc, subject, headers, metadata } = wireMessage(message);
      return { from, to, cc, bcc, subject, headers, metadata };
    });
    const body = { ...first, messages: own };
    const path = `${pathOf(settings)}/batch`;
    const results = await api.read(settings, { method: 'POST', path, body, signal }, ({ results: all }) =>
      Array.isArray(all) && all.length === messages.length ? (all as readonly unknown[]) : undefined,
    );
    return messages.map((message, index): BatchResult => {
      const messageId = isJsonObject(results[index]) ? textOf(results[index], 'id') : undefined;
      if (messageId !== undefined) return { result: { messageId, accepted: recipientsOf(message), rejected: [] } };
      const hint = 'Model Mail has not verified the sender. Verify it there.';
      const error = { stage: 'sender', code: 'sender_not_verified', fault: 'sender', retryable: false, hint } as const;
      return { error };
    });
  },
};

const NOBODY = { email: '' };

function pathOf({ route, pool = '' }: ModelSettings): string {
  return route === 'pool' ? `/v1/pools/${encodeURIComponent(pool)}/messages` : '/v1/messages';
}

function messageJson(message: EmailMessage): object {
  const { attachments = [], ...members } = wireMessage(message);
  return { ...members, attachments: attachments.map((file) => ({ ...file, content: base64Of(file) })) };
}
