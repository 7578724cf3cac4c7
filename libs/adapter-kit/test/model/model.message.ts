import {
  base64Of,
  type CallOptions,
  type EmailMessage,
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
  const { route, pool = '' } = settings;
  const path = route === 'pool' ? `/v1/pools/${encodeURIComponent(pool)}/messages` : '/v1/messages';
  const call = { method: 'POST', path, body: messageJson(message), signal } as const;
  const messageId = await api.read(settings, call, (json) => textOf(json, 'id'), 'so it may not have been sent');
  return { messageId, accepted: recipientsOf(message), rejected: [] };
}

function messageJson(message: EmailMessage): object {
  const { attachments = [], ...members } = wireMessage(message);
  return { ...members, attachments: attachments.map((file) => ({ ...file, content: base64Of(file) })) };
}
