import type { JsonItem } from '@score-crm/adapter-kit';
import { isReservedField } from './reserved-fields.ts';

/** What the sender gave along: his tags are `category` (one as text, several as a list), his metadata all unknown fields. */
export function senderDataOf(event: JsonItem): { tags?: readonly string[]; metadata?: Record<string, string> } {
  const tags = tagsOf(event['category']);
  const metadata = Object.entries(event).filter(([name, value]) => !isReservedField(name) && isScalar(value));
  return {
    ...(tags.length === 0 ? {} : { tags }),
    ...(metadata.length === 0
      ? {}
      : { metadata: Object.fromEntries(metadata.map(([name, value]) => [name, String(value)])) }),
  };
}

function tagsOf(category: unknown): readonly string[] {
  const tags: readonly unknown[] = Array.isArray(category) ? category : [category];
  return tags.filter((tag) => typeof tag === 'string' && tag !== '') as string[];
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
