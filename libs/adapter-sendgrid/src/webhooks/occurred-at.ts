import { scalarOf, type VendorEvent } from './vendor-event.ts';

const MILLISECONDS_FROM = 1e12;
const END_OF_9999 = 253_402_300_799_999;

/** When it happened, or undefined if `timestamp` tells no time: seconds, though one example of the vendor's has milliseconds. */
export function occurredAt(event: VendorEvent): Date | undefined {
  const text = scalarOf(event, 'timestamp') ?? '';
  if (!/^\d{1,15}(?:\.\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  const milliseconds = Math.trunc(value > MILLISECONDS_FROM ? value : value * 1000);
  return milliseconds > 0 && milliseconds <= END_OF_9999 ? new Date(milliseconds) : undefined;
}
