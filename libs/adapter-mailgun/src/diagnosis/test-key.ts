import { accountCallError, AdapterError, type StageReport } from '@score-crm/adapter-kit';
import type { MailgunApi } from '../api/mailgun-api.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';
import { probeSending } from './probe-sending.ts';
import { readDomain } from './read-domain.ts';

// The response to a key with other permissions, such as a sending key.
const REFUSED: ReadonlySet<number | undefined> = new Set([401, 403]);

/**
 * Tests the key and the domain, by reading and by sending.
 * @returns whether the domain is known to be verified; a sending key cannot read it
 * @throws AdapterError
 */
export async function testKey(
  api: MailgunApi,
  settings: MailgunSettings,
  signal: AbortSignal,
  report: StageReport,
): Promise<boolean> {
  const mayRead = await testReading(api, settings, signal, report);
  try {
    await probeSending(api, settings, signal);
  } catch (error) {
    throw mayRead ? sendingError(error) : keyError(error, report);
  }
  report.authenticated();
  report.check('sendPermission', 'passed');
  return mayRead;
}

async function testReading(
  api: MailgunApi,
  settings: MailgunSettings,
  signal: AbortSignal,
  report: StageReport,
): Promise<boolean> {
  let obstacle: AdapterError | undefined;
  try {
    obstacle = await readDomain(api, settings, signal);
  } catch (error) {
    const failure = accountCallError(error);
    const { status, stage } = failure.details;
    if (status !== undefined) report.connected(api.baseUrl(settings));
    if (REFUSED.has(status)) return false;
    // Mailgun looked up the domain, so it accepted the key.
    if (stage === 'sender') report.authenticated();
    throw failure;
  }
  report.connected(api.baseUrl(settings));
  report.authenticated();
  if (obstacle !== undefined) throw obstacle;
  return true;
}

/** The key was accepted for reading, so a rejection concerns only sending. */
function sendingError(error: unknown): unknown {
  if (!(error instanceof AdapterError) || error.details.status !== 401) return error;
  return new AdapterError({
    ...error.details,
    stage: 'message',
    code: 'permission_denied',
    hint: 'The API key is valid but cannot send. Use a sending key of the domain, or an account key with the role Admin or Developer.',
  });
}

/** 403 means that the key is known, but something else denies access; so does any statement about the domain. */
function keyError(error: unknown, report: StageReport): AdapterError {
  const failure = accountCallError(error);
  const { status, stage } = failure.details;
  if (status === 403 || stage === 'sender') report.authenticated();
  return failure;
}
