const MAX_RECIPIENTS = 10;
const ADDRESS = /^[^\s@]+@[^\s@]+$/;

/** The addresses in a text, however they are set apart. */
export function recipientsIn(text: string): readonly string[] {
  return text.split(/[\s,;]+/).filter((part) => part !== '');
}

export function faultOfRecipients(recipients: readonly string[]): string | undefined {
  const wrong = recipients.find((recipient) => !ADDRESS.test(recipient));
  if (wrong !== undefined) return `“${wrong}” is no whole address. Enter one such as you@example.com.`;
  return recipients.length > MAX_RECIPIENTS ? `At most ${String(MAX_RECIPIENTS)} addresses at a time.` : undefined;
}
