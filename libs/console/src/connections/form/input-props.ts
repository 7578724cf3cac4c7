/** What is wrong stands right below what was typed; what the field is for, below that. */
export const INPUT_ORDER: ('label' | 'input' | 'error' | 'description')[] = ['label', 'input', 'error', 'description'];

/** What is typed is taken as it is: nothing is suggested, corrected or sent to be checked. */
export const PLAIN_TEXT = {
  autoComplete: 'off',
  autoCapitalize: 'none',
  autoCorrect: 'off',
  spellCheck: false,
} as const;

/** Neither the browser nor a manager of passwords offers to keep what is typed, or to fill it in. */
export const NOT_KEPT = {
  ...PLAIN_TEXT,
  autoComplete: 'new-password',
  'data-1p-ignore': true,
  'data-bwignore': true,
  'data-lpignore': 'true',
  'data-form-type': 'other',
} as const;
