import type { JsonItem } from '@score-crm/adapter-kit';
import { INTEGRATION_TEST } from '../assumptions.ts';
import { messageIdOf } from './message-id.ts';

/** Whether “Test Your Integration” created the event: one of each kind, for a message that never existed. */
export function isIntegrationTest(event: JsonItem): boolean {
  if (messageIdOf(event) === INTEGRATION_TEST.messageId) return true;
  const category = event['category'];
  const isItsCategory = Array.isArray(category) && category.length === 1 && category[0] === INTEGRATION_TEST.category;
  return event['email'] === INTEGRATION_TEST.recipient && isItsCategory;
}
