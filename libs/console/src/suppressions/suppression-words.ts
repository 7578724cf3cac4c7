import type { SuppressionReason } from '../api/types.ts';

export const SUPPRESSION_REASONS: Readonly<Record<SuppressionReason, string>> = {
  hard_bounce: 'Hard bounce',
  soft_bounce: 'Soft bounces',
  complaint: 'Spam complaint',
  unsubscribed: 'Unsubscribed',
  manual: 'Added',
  list_import: 'Imported',
};

export function isSuppressionReason(value: unknown): value is SuppressionReason {
  return typeof value === 'string' && Object.hasOwn(SUPPRESSION_REASONS, value);
}
