/**
 * A warning about text that is often pasted along with a value; undefined if there is none.
 * @param isTrimmed whether the form removes the spaces around the value, as it does for all fields but secrets
 */
export function pasteNotice(value: string, isTrimmed: boolean): string | undefined {
  if (value !== value.trim()) {
    return isTrimmed ? 'Spaces around it are removed.' : 'It begins or ends with a space.';
  }
  // Web pages and chat programs put zero-width characters into copied text.
  if (/[\p{Cc}\p{Cf}]/u.test(value)) return 'It contains an invisible character.';
  if (/^(["'`]).+\1$|^“.+”$/.test(value)) return 'It is in quotation marks.';
  return /^(bearer|basic)[\s:]/i.test(value) ? 'It starts with “Bearer” or “Basic”: enter only the value.' : undefined;
}
