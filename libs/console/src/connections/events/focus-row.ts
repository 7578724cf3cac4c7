/** The element id of the link in an event's row. */
export function rowLinkId(eventId: string): string {
  return `event-${eventId}`;
}

/** Focuses the row of an event as soon as it is rendered. */
export function focusRow(eventId: string, options?: FocusOptions): void {
  requestAnimationFrame(() => document.getElementById(rowLinkId(eventId))?.focus(options));
}
