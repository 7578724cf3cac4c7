import { feedbackKind, type JsonItem, scalarOf, textOf } from '@score-crm/adapter-kit';
import { LABELS, OWN_FIELDS, REMOVAL } from '../assumptions.ts';
import type { VendorEvent } from './vendor-events.ts';

/** The codes of the old format. https://kb.smtp.com/article/2136 */
const CODES: ReadonlyMap<string, VendorEvent> = new Map<string, VendorEvent>([
  ['101', 'failed'],
  ['102', 'complained'],
  ['103', 'delivered'],
  ['107', 'opened'],
  ['108', 'clicked'],
]);

/** What an item calls itself, as far as it does. */
export function labelOf(item: JsonItem): string | undefined {
  return textOf(item, 'event_label')?.toLowerCase() ?? scalarOf(item, 'event_code');
}

/**
 * Which event an item is: by its label, by the code of the old format, or else by the event whose callback it came to.
 * One label covers several events; the callback then tells which.
 * @param registered the event that the address was registered for
 * @returns undefined if nothing tells
 */
export function vendorEventOf(item: JsonItem, registered: VendorEvent | undefined): VendorEvent | undefined {
  const named = byLabel(textOf(item, 'event_label')) ?? CODES.get(scalarOf(item, 'event_code') ?? '');
  const told = named ?? (isOwn(item) ? registered : undefined);
  if (told === 'failed' && (registered === 'hard_bounced' || registered === 'bounceback')) return registered;
  if (told !== 'complained') return told;
  const feedback = textOf(item, 'feedback_type')?.toLowerCase() ?? (registered === 'unsubscribed' ? REMOVAL : '');
  return feedback === REMOVAL || feedbackKind(feedback) === 'unsubscribed' ? 'unsubscribed' : 'complained';
}

/** Another vendor's item that was posted here is none of the events that the address is for. */
function isOwn(item: JsonItem): boolean {
  return OWN_FIELDS.some((field) => item[field] !== undefined);
}

function byLabel(label = ''): VendorEvent | undefined {
  const text = label.toLowerCase().replace(/[\s_-]+/g, '');
  return LABELS.find(([stem]) => stem.test(text))?.[1];
}
