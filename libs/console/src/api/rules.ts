// Generated from docs/openapi.json by `npm run client`. Do not edit.

/** The schema of an email address, as the API publishes it. */
export const EMAIL_ADDRESS = {
  pattern:
    '^[^\\u0000-\\u0020"(),.:;<>@\\[\\\\\\]\\u007f-\\u00a0\\u2000-\\u200b\\u2028-\\u202f\\u205f-\\u206f\\u3000]+(?:\\.[^\\u0000-\\u0020"(),.:;<>@\\[\\\\\\]\\u007f-\\u00a0\\u2000-\\u200b\\u2028-\\u202f\\u205f-\\u206f\\u3000]+)*@(?:[^\\u0000-,./:-@\\[-\\u0060\\{-\\u00a0\\u007f-\\u00a0\\u2000-\\u200b\\u2028-\\u202f\\u205f-\\u206f\\u3000]+\\.)+[^\\u0000-,./:-@\\[-\\u0060\\{-\\u00a0\\u007f-\\u00a0\\u2000-\\u200b\\u2028-\\u202f\\u205f-\\u206f\\u3000]{2,}$',
  maxLength: 254,
} as const;

/** The largest lengths in characters, and the largest numbers of entries, that the API accepts. */
export const LIMITS = {
  nameLength: 200,
  fromNameLength: 200,
  testRecipients: 10,
  connectionsOfLaunch: 100,
  connectionsOfKey: 100,
} as const;
