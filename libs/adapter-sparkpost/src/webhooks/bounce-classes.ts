import type { BounceClass, EventKind } from '@score-crm/adapter-kit';

export interface BounceClassification {
  /** The vendor's name for it. */
  readonly name: string;
  readonly class: BounceClass;
  /** The kind of a “bounce” of this class that is not a bounce. */
  readonly kind?: EventKind;
}

/**
 * By the vendor's `bounce_class`, with the categories in the last column of its table.
 * https://support.sparkpost.com/docs/deliverability/bounce-classification-codes
 */
export const BOUNCE_CLASSES: ReadonlyMap<string, BounceClassification> = new Map<string, BounceClassification>([
  ['1', { name: 'Undetermined', class: 'unknown' }],
  ['10', { name: 'Invalid Recipient', class: 'hard' }],
  ['20', { name: 'Soft Bounce', class: 'soft' }],
  ['21', { name: 'DNS Failure', class: 'soft' }],
  ['22', { name: 'Mailbox Full', class: 'soft' }],
  ['23', { name: 'Too Large', class: 'soft' }],
  ['24', { name: 'Timeout', class: 'soft' }],
  // For example, the account's own suppression list: the vendor did not try the address.
  ['25', { name: 'Admin Failure', class: 'admin', kind: 'rejected' }],
  ['30', { name: 'Generic Bounce: No RCPT', class: 'hard' }],
  ['40', { name: 'Generic Bounce', class: 'soft' }],
  ['50', { name: 'Mail Block', class: 'block' }],
  ['51', { name: 'Spam Block', class: 'block' }],
  ['52', { name: 'Spam Content', class: 'block' }],
  ['53', { name: 'Prohibited Attachment', class: 'block' }],
  ['54', { name: 'Relaying Denied', class: 'block' }],
  // Returned mail that is not a bounce.
  ['60', { name: 'Auto-Reply', class: 'soft', kind: 'unknown' }],
  ['70', { name: 'Transient Failure', class: 'soft' }],
  ['80', { name: 'Subscribe', class: 'admin', kind: 'subscribed' }],
  ['90', { name: 'Unsubscribe', class: 'unknown', kind: 'unsubscribed' }],
  ['100', { name: 'Challenge-Response', class: 'soft', kind: 'unknown' }],
]);
