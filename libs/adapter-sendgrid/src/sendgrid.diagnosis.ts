import { type ApiDiagnosis, checkMessage, configurationError, testMessage } from '@score-crm/adapter-kit';
import type { SendgridApi } from './sendgrid.api.ts';
import { mailData, postMail, RULES } from './sendgrid.message.ts';
import type { SendgridSettings } from './sendgrid.settings.ts';

/**
 * Reads the scopes of the key. Without recipients, a message is sent in the vendor's sandbox mode, which checks the
 * sender and delivers nothing.
 */
export const DIAGNOSIS: ApiDiagnosis<SendgridSettings, SendgridApi, ReadonlySet<string>> = {
  account: ({ api, settings, signal }) => api.scopes(settings, signal),
  permissions: (scopes) => {
    if (scopes.has('mail.send')) return true;
    const hint = 'The API key is valid but cannot send. Grant it the permission “Mail Send” at SendGrid.';
    throw configurationError('permission_denied', hint);
  },
  // To the sender's own address: a message needs a recipient.
  sender: async ({ email }, _scopes, { api, settings, probe, signal, report }) => {
    const message = testMessage(probe, api.displayName, [email]);
    checkMessage(message, RULES, settings);
    await postMail(api, settings, { ...mailData(message), mailSettings: { sandboxMode: { enable: true } } }, signal);
    report.stage('message', 'skipped', 'sandbox mode: accepted, not sent');
    return undefined;
  },
};
