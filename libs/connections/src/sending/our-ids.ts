import type { AdapterCapabilities, EmailMessage } from '@score-crm/adapter-kit';
import { CONNECTION_ID_METADATA } from '../events/event-attribution.ts';

/** The metadata of a message that hold our own id of it. */
export const MESSAGE_ID_METADATA = 'score_message_id';
const MESSAGE_ID_HEADER = 'X-Score-Message-Id';

export interface OurIds {
  readonly connectionId: string;
  /** UUIDv7; beside the vendor's own. */
  readonly messageId: string;
}

export function isReservedMetadata(name: string): boolean {
  return name.toLowerCase().startsWith('score_');
}

export function isReservedHeader(name: string): boolean {
  return name.toLowerCase().startsWith('x-score-');
}

/** What the events of a message that we sent carry, beside the sender's own metadata. */
export function ourMetadata({ connectionId, messageId }: OurIds): Readonly<Record<string, string>> {
  return { [CONNECTION_ID_METADATA]: connectionId, [MESSAGE_ID_METADATA]: messageId };
}

/** The message with our ids in it: as metadata, which come back with its events; else in a header, where one can look. */
export function withOurIds(message: EmailMessage, ids: OurIds, capabilities: AdapterCapabilities): EmailMessage {
  if (capabilities.metadata) return { ...message, metadata: { ...message.metadata, ...ourMetadata(ids) } };
  if (!capabilities.customHeaders) return message;
  return { ...message, headers: { ...message.headers, [MESSAGE_ID_HEADER]: ids.messageId } };
}
