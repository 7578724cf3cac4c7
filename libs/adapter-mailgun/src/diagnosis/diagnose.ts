import {
  type CallOptions,
  type Diagnosis,
  type Mailbox,
  type Probe,
  runDiagnosis,
  type StageReport,
  testMessage,
} from '@score-crm/adapter-kit';
import type { MailgunApi } from '../api/mailgun-api.ts';
import { sendMessage } from '../message/send-message.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';
import { testKey } from './test-key.ts';

/**
 * Tests an account within 15 seconds: the state of its domain, the key's permission to send, and a message if
 * `probe.to` names recipients. Failures are returned, never thrown.
 */
export function diagnose(
  api: MailgunApi,
  settings: MailgunSettings,
  probe: Probe,
  options: CallOptions,
): Promise<Diagnosis> {
  return runDiagnosis(settings, options, async (report, signal) => {
    const isInOrder = await testKey(api, settings, signal, report);
    if (probe.to === undefined || probe.to.length === 0) {
      if (probe.from !== undefined) reportSender(report, probe.from, settings.domain, isInOrder);
      return undefined;
    }
    const sent = await sendMessage(api, settings, testMessage(probe, 'Mailgun'), signal);
    report.sent();
    return sent;
  });
}

/** Mailgun verifies domains, not addresses, and accepts any sender for one of the account's domains. */
function reportSender(report: StageReport, { email }: Mailbox, domain: string, isInOrder: boolean): void {
  if (!isInOrder) {
    report.stage('sender', 'skipped', 'a sending key cannot read the state of its domain');
    return;
  }
  if (!isAligned(email.slice(email.lastIndexOf('@') + 1), domain)) {
    report.stage('sender', 'skipped', `Mailgun accepts it, but receivers may reject a sender outside ${domain}`);
    return;
  }
  report.stage('sender', 'passed');
  report.check('fromAddress', 'passed');
}

/**
 * Whether one is the other or a subdomain of it: the signature of one then counts for the other too (RFC 7489, 3.1.1).
 */
function isAligned(sender: string, domain: string): boolean {
  const [a, b] = [`.${sender.toLowerCase()}`, `.${domain.toLowerCase()}`];
  return a.endsWith(b) || b.endsWith(a);
}
