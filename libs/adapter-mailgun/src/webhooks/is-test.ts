import type { JsonItem } from '@score-crm/adapter-kit';
import { CONSOLE_TEST_IDS } from '../assumptions.ts';
import { objectIn } from './json-member.ts';

/** Whether it is of a message that was sent in test mode, or of none: the console's “Test webhook” makes events up. */
export function isTest(data: JsonItem, messageId: string | undefined): boolean {
  const flags = objectIn(data, 'flags');
  if (flags['is-test-mode'] === true || flags['is-system-test'] === true) return true;
  return CONSOLE_TEST_IDS.has(messageId?.split('@')[0] ?? '');
}
