/** Settings of a well-known account, to be filled into the form; no secrets. */
export interface SettingsPreset {
  readonly key: string;
  readonly label: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** What a person must know: where the password comes from, say. */
  readonly note?: string;
  /** Optional fields that this preset requires, and that only the user can fill in. */
  readonly needs?: readonly string[];
}
