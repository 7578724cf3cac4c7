import type { JsonItem } from '@score-crm/adapter-kit';

/**
 * What the sender gave along. `rcpt_meta` is the metadata of the message with those of the recipient laid over them.
 * `campaign_id` is no tag: other senders use it for the name of a campaign.
 */
export function senderDataOf(event: JsonItem): { tags?: readonly string[]; metadata?: Record<string, string> } {
  const { rcpt_tags, rcpt_meta } = event;
  const tags = Array.isArray(rcpt_tags) ? rcpt_tags.filter((tag) => typeof tag === 'string' && tag !== '') : [];
  const metadata = isObject(rcpt_meta) ? Object.entries(rcpt_meta).filter(([, value]) => isScalar(value)) : [];
  return {
    ...(tags.length === 0 ? {} : { tags: tags as string[] }),
    ...(metadata.length === 0
      ? {}
      : { metadata: Object.fromEntries(metadata.map(([name, value]) => [name, String(value)])) }),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
