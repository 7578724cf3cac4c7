/** An id as events carry it: the answer to a message has it in angle brackets. */
export function bareMessageId(id: string): string {
  return /^<(.*)>$/.exec(id)?.[1] ?? id;
}
