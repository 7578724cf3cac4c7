import { type JsonItem, scalarText, stringifyJson } from '@score-crm/adapter-kit';
import { objectIn } from './json-member.ts';

/** Where it stands for all mail of the domain, as in events of those who unsubscribed from it. */
const ALL = '*';

/** What the sender gave along: his tags, and his metadata as `user-variables`. */
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

/** A variable that was JSON may come back as what it meant. */
function written(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  return scalarText(value) ?? stringifyJson(value);
}
