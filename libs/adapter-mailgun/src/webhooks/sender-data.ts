import { type JsonItem, scalarText, stringifyJson } from '@score-crm/adapter-kit';
import { objectIn } from './json-member.ts';

/** The text that means all mail of the domain, in events of recipients who unsubscribed from it. */
const ALL = '*';

/** Returns the sender's tags, and the metadata (`user-variables`). */
export function senderDataOf(data: JsonItem): {
  tags?: readonly string[];
  metadata?: Readonly<Record<string, string>>;
} {
  const tags = tagsOf(data['tags']);
  const metadata = Object.entries(objectIn(data, 'user-variables')).flatMap(([name, value]) => {
    const text = written(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return {
    ...(tags.length === 0 ? {} : { tags }),
    ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
  };
}

function tagsOf(tags: unknown): readonly string[] {
  if (!Array.isArray(tags)) return [];
  return tags.filter((tag) => typeof tag === 'string' && tag !== '' && tag !== ALL) as string[];
}

/** A variable that was JSON may be returned as the value that it represents. */
function written(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  return scalarText(value) ?? stringifyJson(value);
}
