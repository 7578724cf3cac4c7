import { EXIM } from './exim.ts';
import { GOOGLE } from './google.ts';
import { MICROSOFT } from './microsoft.ts';
import { POSTFIX } from './postfix.ts';
import { PROVIDERS } from './providers.ts';
import { RECEIVERS } from './receivers.ts';
import type { ReplyRow } from './reply-row.ts';
import { QMAIL_ROWS, SENDMAIL } from './sendmail-qmail.ts';

export type { Command, ReplyRow } from './reply-row.ts';

/** The replies of servers, and the errors that they cause. */
export const REPLIES: readonly ReplyRow[] = [
  ...POSTFIX,
  ...EXIM,
  ...MICROSOFT,
  ...GOOGLE,
  ...SENDMAIL,
  ...QMAIL_ROWS,
  ...PROVIDERS,
  ...RECEIVERS,
];
