/** By what the link of an event's row is found. */
export function rowLinkId(eventId: string): string {
  return `event-${eventId}`;
}

/** Goes to the row of an event, as soon as it is painted. */
export function focusRow(eventId: string, options?: FocusOptions): void {
  requestAnimationFrame(() => document.getElementById(rowLinkId(eventId))?.focus(options));
}
