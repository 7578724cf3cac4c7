import { accountCallError, AdapterError, type StageReport } from '@score-crm/adapter-kit';
import type { MailgunApi } from '../api/mailgun-api.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';
import { probeSending } from './probe-sending.ts';
import { readDomain } from './read-domain.ts';

// What a key gets that is good for something else, as a sending key is.
const REFUSED: ReadonlySet<number | undefined> = new Set([401, 403]);

/**
 * Tests the key and the domain, by what a key may read and by what it may send.
 * @returns whether the domain is known to be in order; a sending key may not ask
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
    // It looked for the domain, so it took the key.
    if (stage === 'sender') report.authenticated();
    throw failure;
  }
  report.connected(api.baseUrl(settings));
  report.authenticated();
  if (obstacle !== undefined) throw obstacle;
  return true;
}

/** The key was good for reading, so a refusal of it is one of sending alone. */
function sendingError(error: unknown): unknown {
  if (!(error instanceof AdapterError) || error.details.status !== 401) return error;
  return new AdapterError({
    ...error.details,
    stage: 'message',
    code: 'permission_denied',
    hint: 'The API key is valid but may not send. Use a sending key of the domain, or an account key of the role Admin or Developer.',
  });
}

/** 403 says that the key is known, and that something else keeps it out; so does anything that is said of the domain. */
function keyError(error: unknown, report: StageReport): AdapterError {
  const failure = accountCallError(error);
  const { status, stage } = failure.details;
  if (status === 403 || stage === 'sender') report.authenticated();
  return failure;
}
