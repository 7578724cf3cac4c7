import type { AdapterCapabilities, EmailMessage } from '@score-crm/adapter-kit';
import { CONNECTION_ID_METADATA } from '../events/event-record.ts';

/** The metadata of a message with the service's own id of it. */
export const MESSAGE_ID_METADATA = 'score_message_id';
const MESSAGE_ID_HEADER = 'X-Score-Message-Id';

export interface MessageIds {
  readonly connectionId: string;
  /** UUIDv7, in addition to the vendor's id. */
  readonly messageId: string;
}

/** What the events of a sent message contain in addition to the sender's metadata. */
export function idMetadata({ connectionId, messageId }: MessageIds): Readonly<Record<string, string>> {
  return { [CONNECTION_ID_METADATA]: connectionId, [MESSAGE_ID_METADATA]: messageId };
}

/** Adds the service's ids: as metadata, which the vendor returns with the events, otherwise as a header. */
export function withIds(message: EmailMessage, ids: MessageIds, capabilities: AdapterCapabilities): EmailMessage {
  if (capabilities.metadata) return { ...message, metadata: { ...message.metadata, ...idMetadata(ids) } };
  if (!capabilities.customHeaders) return message;
  return { ...message, headers: { ...message.headers, [MESSAGE_ID_HEADER]: ids.messageId } };
}
