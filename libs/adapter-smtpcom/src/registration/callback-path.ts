import { PATHS } from '../assumptions.ts';
import { isVendorEvent, type VendorEvent } from '../webhooks/vendor-events.ts';

/**
 * Returns the path of the callbacks for one event.
 * @throws TypeError without an event: that would be the path of all callbacks of the account, and `DELETE` would remove
 *   them
 */
export function callbackPath(event: VendorEvent): string {
  if (!isVendorEvent(event)) throw new TypeError('A callback needs an event.');
  return PATHS.callbacks + event;
}
