import { type JsonItem, scalarText } from '@score-crm/adapter-kit';
import { isReservedField } from './reserved-fields.ts';

/** Returns the sender's tags (`category`: one as a string, several as an array) and metadata (all unknown fields). */
export function senderDataOf(event: JsonItem): { tags?: readonly string[]; metadata?: Record<string, string> } {
  const tags = tagsOf(event['category']);
  const metadata = Object.entries(event).flatMap(([name, value]) => {
    const text = isReservedField(name) ? undefined : scalarText(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return {
    ...(tags.length === 0 ? {} : { tags }),
    ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
  };
}

function tagsOf(category: unknown): readonly string[] {
  const tags: readonly unknown[] = Array.isArray(category) ? category : [category];
  return tags.filter((tag) => typeof tag === 'string' && tag !== '') as string[];
}
