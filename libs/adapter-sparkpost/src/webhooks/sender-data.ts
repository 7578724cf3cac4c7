import { isJsonObject, type JsonItem, scalarText } from '@score-crm/adapter-kit';

/**
 * Returns the sender's data. `rcpt_meta` is the metadata of the message, overridden by those of the recipient.
 * `campaign_id` is not a tag: other senders use it for the name of a campaign.
 */
export function senderDataOf(event: JsonItem): { tags?: readonly string[]; metadata?: Record<string, string> } {
  const { rcpt_tags, rcpt_meta } = event;
  const tags = Array.isArray(rcpt_tags) ? rcpt_tags.filter((tag) => typeof tag === 'string' && tag !== '') : [];
  const metadata = isJsonObject(rcpt_meta) ? Object.entries(rcpt_meta) : [];
  const texts = metadata.flatMap(([name, value]) => {
    const text = scalarText(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return {
    ...(tags.length === 0 ? {} : { tags: tags as string[] }),
    ...(texts.length === 0 ? {} : { metadata: Object.fromEntries(texts) }),
  };
}
