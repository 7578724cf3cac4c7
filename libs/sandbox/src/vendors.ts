// Generated from src/adapters.ts by `npm run generate`. Do not edit.
import type { StartSandbox } from '@score-crm/adapter-kit/sandbox';
import { startSandbox as mailgun } from '@score-crm/adapter-mailgun/sandbox';
import { startSandbox as sendgrid } from '@score-crm/adapter-sendgrid/sandbox';
import { startSandbox as smtp } from '@score-crm/adapter-smtp/sandbox';
import { startSandbox as smtpcom } from '@score-crm/adapter-smtpcom/sandbox';
import { startSandbox as sparkpost } from '@score-crm/adapter-sparkpost/sandbox';

/** How the sandbox of each vendor is started. */
export const STARTERS: readonly StartSandbox[] = [mailgun, sendgrid, smtp, smtpcom, sparkpost];
