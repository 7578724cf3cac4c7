import type { JsonItem } from '@score-crm/adapter-kit';
import { CONSOLE_TEST_IDS } from '../assumptions.ts';
import { objectIn } from './json-member.ts';

/** Whether the event belongs to a message in test mode, or to none: the console's “Test webhook” generates events. */
export function isTest(data: JsonItem, messageId: string | undefined): boolean {
  const flags = objectIn(data, 'flags');
  if (flags['is-test-mode'] === true || flags['is-system-test'] === true) return true;
  return CONSOLE_TEST_IDS.has(messageId?.split('@')[0] ?? '');
}
