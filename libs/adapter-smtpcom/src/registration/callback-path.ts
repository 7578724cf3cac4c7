import { PATHS } from '../assumptions.ts';
import { isVendorEvent, type VendorEvent } from '../webhooks/vendor-events.ts';

/**
 * Where the callbacks for one event are.
 * @throws TypeError without an event: that path is the one of all callbacks of the account, and `DELETE` wipes them
 */
export function callbackPath(event: VendorEvent): string {
  if (!isVendorEvent(event)) throw new TypeError('A callback is for one event.');
  return PATHS.callbacks + event;
}
