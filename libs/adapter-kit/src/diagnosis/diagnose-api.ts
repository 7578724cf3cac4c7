import type { CallOptions } from '../outbound/outbound-connector.ts';
import { AdapterError, type AdapterErrorDetails } from '../errors/adapter-error.ts';
import type { EmailMessage, Mailbox, SendResult } from '../messages/email-message.ts';
import type { Diagnosis, Probe } from './diagnosis.ts';
import { accountCallError, runDiagnosis, type StageReport, testMessage } from './run-diagnosis.ts';

/** What the steps of a test get. */
export interface DiagnosisContext<S extends object, Api> {
  readonly api: Api;
  readonly settings: S;
  readonly probe: Probe;
  /** Ends the test after 14 seconds. Pass it to each call. */
  readonly signal: AbortSignal;
  readonly report: StageReport;
}

/**
 * The steps in which a vendor's account is tested. Each throws the AdapterError that ends the test.
 *
 * @typeParam Account what `account` returns for the following step
 * @example
 * export const DIAGNOSIS: ApiDiagnosis<AcmeSettings, AcmeApi, ReadonlySet<string>> = {
 *   account: ({ api, settings, signal }) => api.scopes(settings, signal),
 *   permissions: (scopes) => {
 *     if (!scopes.has('send')) throw mayNotSend();
 *     return true;
 *   },
 * };
 */
export interface ApiDiagnosis<S extends object, Api, Account = unknown> {
  /**
   * Makes a call that identifies the account and has no side effects. Success means that the vendor was reached and
   * accepted the key. A step that catches the rejection of a key with few permissions can resolve all the same.
   */
  readonly account: (context: DiagnosisContext<S, Api>) => Promise<Account>;
  /** Whether a failure of `account` shows that the key is valid nevertheless. Default: status 403. */
  readonly isKeyKnown?: (failure: AdapterErrorDetails) => boolean;
  /**
   * Checks what the account and the key may do.
   * @returns whether this shows that they can send; if not, only a message does
   */
  readonly permissions?: (account: Account, context: DiagnosisContext<S, Api>) => boolean | Promise<boolean>;
  /**
   * Checks the sender without sending anything. Runs only without recipients and with a sender; omit it if the vendor
   * has no call for this.
   * @returns why the check was skipped, or undefined if the sender is accepted
   */
  readonly sender?: (from: Mailbox, account: Account, context: DiagnosisContext<S, Api>) => Promise<string | undefined>;
}

/** An API whose base URL decides whether the connection is encrypted. */
interface BasedApi<S extends object> {
  readonly displayName: string;
  baseUrl(settings: S): string;
}

/**
 * Tests an account of an API vendor within 15 seconds: whether the vendor can be reached, accepts the key, permits
 * sending, accepts the sender and, if the probe names recipients, a message. Never rejects.
 * @param send sends the test message
 */
export function diagnoseApi<S extends object, Api extends BasedApi<S>, Account>(
  steps: ApiDiagnosis<S, Api, Account>,
  { api, settings, probe }: Pick<DiagnosisContext<S, Api>, 'api' | 'settings' | 'probe'>,
  options: CallOptions,
  send: (message: EmailMessage, signal: AbortSignal) => Promise<SendResult>,
): Promise<Diagnosis> {
  return runDiagnosis(settings, options, async (report, signal) => {
    const context = { api, settings, probe, signal, report };
    const account = await identify(steps, context);
    await checkPermissions(steps, account, context);
    if (probe.to !== undefined && probe.to.length > 0) {
      const sent = await send(testMessage(probe, api.displayName), signal);
      report.sent();
      const [refused] = sent.rejected;
      if (refused !== undefined) report.failed(refused.error);
      return sent;
    }
    if (probe.from !== undefined && steps.sender !== undefined) {
      const skipped = await steps.sender(probe.from, account, context);
      report.stage('sender', skipped === undefined ? 'passed' : 'skipped', skipped);
      if (skipped === undefined) report.check('fromAddress', 'passed');
    }
    return undefined;
  });
}

async function identify<S extends object, Api extends BasedApi<S>, Account>(
  { account, isKeyKnown = ({ status }) => status === 403 }: ApiDiagnosis<S, Api, Account>,
  context: DiagnosisContext<S, Api>,
): Promise<Account> {
  const { api, settings, report } = context;
  const baseUrl = api.baseUrl(settings);
  try {
    const found = await account(context);
    report.connected(baseUrl);
    report.authenticated();
    return found;
  } catch (error) {
    const failure = accountCallError(error);
    if (failure.details.status !== undefined) report.connected(baseUrl);
    if (isKeyKnown(failure.details)) report.authenticated();
    throw failure;
  }
}

async function checkPermissions<S extends object, Api, Account>(
  { permissions }: ApiDiagnosis<S, Api, Account>,
  account: Account,
  context: DiagnosisContext<S, Api>,
): Promise<void> {
  if (permissions === undefined) return;
  try {
    if (await permissions(account, context)) context.report.check('sendPermission', 'passed');
  } catch (error) {
    // A setting that selects what to send through: without it, nothing can be sent.
    const isSetting = error instanceof AdapterError && error.details.pointer !== undefined;
    if (isSetting && error.details.stage === 'message') context.report.check('sendPermission', 'failed');
    throw error;
  }
}
