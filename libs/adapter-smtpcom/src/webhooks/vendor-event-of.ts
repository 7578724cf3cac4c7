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

/** Returns an item's own name for its event, if it has one. */
export function labelOf(item: JsonItem): string | undefined {
  return textOf(item, 'event_label')?.toLowerCase() ?? scalarOf(item, 'event_code');
}

/**
 * Returns the event of an item: by its label, by the code of the old format, or else by the event of the callback that
 * received it. One label covers several events; the callback then determines which.
 * @param registered the event that the URL was registered for
 * @returns undefined if it cannot be determined
 */
export function vendorEventOf(item: JsonItem, registered: VendorEvent | undefined): VendorEvent | undefined {
  const named = byLabel(textOf(item, 'event_label')) ?? CODES.get(scalarOf(item, 'event_code') ?? '');
  const event = named ?? (isOwn(item) ? registered : undefined);
  if (event === 'failed' && (registered === 'hard_bounced' || registered === 'bounceback')) return registered;
  if (event !== 'complained') return event;
  const feedback = textOf(item, 'feedback_type')?.toLowerCase() ?? (registered === 'unsubscribed' ? REMOVAL : '');
  return feedback === REMOVAL || feedbackKind(feedback) === 'unsubscribed' ? 'unsubscribed' : 'complained';
}

/** Another vendor's item that was posted here is not an event of this URL. */
function isOwn(item: JsonItem): boolean {
  return OWN_FIELDS.some((field) => item[field] !== undefined);
}

function byLabel(label = ''): VendorEvent | undefined {
  const text = label.toLowerCase().replace(/[\s_-]+/g, '');
  return LABELS.find(([stem]) => stem.test(text))?.[1];
}
