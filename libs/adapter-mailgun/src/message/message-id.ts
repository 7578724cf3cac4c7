/** Returns an id in the form of events: the response to a message has it in angle brackets. */
export function bareMessageId(id: string): string {
  return /^<(.*)>$/.exec(id)?.[1] ?? id;
}
