import {
  checkInput,
  createScrubber,
  type Diagnosis,
  type FieldError,
  hasErrorAt,
  type Mailbox,
} from '@score-crm/adapter-kit';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import {
  AdapterRegistry,
  type RegisteredAdapter,
  reportedDetails,
  unexpectedFailure,
  withTimeout,
} from '../adapters/adapter.registry.ts';
import { AuditRepository } from '../audit/audit.repository.ts';
import type { Caller } from '../audit/caller.ts';
import { givenDetails } from '../connections/connection-input.ts';
import { ConnectionLoader } from '../connections/connection-loader.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import {
  type EffectiveMode,
  effectiveMode,
  modeErrors,
  redirectedSubject,
  serviceMode,
} from '../connections/sending-mode.ts';
import { defaultSender, senderErrors } from '../connections/senders.ts';
import { type ChangedSettings, changeSettings, SettingsChanges } from '../connections/settings.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { TEST_METADATA } from '../events/event-record.ts';
import { InvalidInputError, prefixPointers } from '../input/invalid-input.error.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import type { Secrets } from '../secrets/secret-cipher.ts';
import { ConnectionTestsRepository } from './connection-tests.repository.ts';
import { TestConnectionInput, TestUnsavedConnectionInput } from './test-input.ts';
import { lastTestOf, UnsavedTests } from './unsaved-tests.ts';

export interface ConnectionTest {
  readonly testedAt: Date;
  readonly diagnosis: Diagnosis;
}

/** A test of values that are not saved. */
export interface UnsavedConnectionTest extends ConnectionTest {
  /** Creating or updating a connection with it, within an hour and with the same values, records the test there. */
  readonly testId: string;
}

interface Subject extends RegisteredAdapter {
  readonly name: string;
  readonly from: Mailbox | undefined;
  readonly settings: object;
  readonly secrets: Secrets;
  readonly mode: EffectiveMode;
}

const DEFAULT_TIMEOUT_MS = 15_000;
/** What the audit calls a connection that is not stored. */
const UNSAVED = 'unsaved';

/** Tests connections, stored or not. */
@Injectable()
export class ConnectionTester {
  private readonly logger = new Logger(ConnectionTester.name);
  private readonly timeoutMs: number;
  private readonly service: EffectiveMode;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly registry: AdapterRegistry,
    private readonly loader: ConnectionLoader,
    private readonly settings: SettingsChanges,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
    private readonly tests: ConnectionTestsRepository,
    private readonly audit: AuditRepository,
    private readonly unsavedTests: UnsavedTests,
  ) {
    this.timeoutMs = options.testTimeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.service = serviceMode(options);
  }

  /**
   * Tests a stored connection and keeps the result.
   * @param input validated here, from any source. Without recipients, nothing is sent.
   * @throws ConnectionNotFoundError, InvalidInputError, SecretsUnreadableError
   */
  async test(caller: Caller, id: string, input: TestConnectionInput = {}): Promise<ConnectionTest> {
    const { errors, valid } = checkInput(TestConnectionInput, input);
    if (errors.length > 0) throw new InvalidInputError(errors);
    const connection = await this.loader.load(caller.organization, id);
    const { row } = connection;
    const mode = effectiveMode(this.service, row);
    const test = await this.run({ ...connection, name: row.name, from: defaultSender(row), mode }, valid.to);
    await this.unitOfWork.write(async (tx) => {
      if (!(await this.connections.recordTest(tx, row.id, row.version, lastTestOf(test)))) return;
      await this.tests.add(tx, { id: uuid(), connectionId: row.id, actor: caller.actor, ...test });
      await this.audit.record(tx, caller, 'connection.test', row.id);
    });
    return test;
  }

  /**
   * Tests values that are not stored. With `connectionId`, they are changes to that connection, whose stored secrets are
   * used unless a field changes that decides where they are sent.
   * @param input validated here, from any source
   * @throws ConnectionNotFoundError, InvalidInputError, SecretsUnreadableError
   */
  async testUnsaved(caller: Caller, input: TestUnsavedConnectionInput): Promise<UnsavedConnectionTest> {
    const { errors, valid } = checkInput(TestUnsavedConnectionInput, input);
    const lender =
      valid.connectionId === undefined ? undefined : await this.loader.row(caller.organization, valid.connectionId);
    const registered = this.vendorOf(valid, lender, errors);
    const details = { name: 'Unsaved connection', ...lenderDetails(lender), ...givenDetails(valid) };
    errors.push(...senderErrors(valid, details, errors), ...modeErrors(details, errors));
    const changed = registered === undefined ? undefined : await this.settingsOf(registered, lender, valid, errors);
    if (errors.length > 0 || registered === undefined || changed === undefined) throw new InvalidInputError(errors);

    await this.unitOfWork.write((tx) => this.audit.record(tx, caller, 'connection.test', lender?.id ?? UNSAVED));
    const test = await this.run(
      {
        ...registered,
        name: details.name,
        from: defaultSender(details),
        settings: changed.instance,
        secrets: changed.secrets,
        mode: effectiveMode(this.service, { mode: details.mode ?? 'live', redirectTo: details.redirectTo ?? null }),
      },
      valid.to,
    );
    const tested = {
      vendor: registered.identity.vendor,
      settings: changed.instance,
      fromEmail: details.fromEmail ?? null,
      fromName: details.fromName ?? null,
    };
    const testId = await this.unitOfWork.write((tx) => this.unsavedTests.keep(tx, caller, tested, test));
    return { testId, ...test };
  }

  /** The last tests of a connection, newest first. @throws ConnectionNotFoundError */
  async history(caller: Caller, id: string): Promise<ConnectionTest[]> {
    await this.loader.row(caller.organization, id);
    const rows = await this.unitOfWork.read((tx) => this.tests.list(tx, id));
    return rows.map(({ testedAt, diagnosis }) => ({ testedAt, diagnosis }));
  }

  private vendorOf(
    { vendor }: Partial<TestUnsavedConnectionInput>,
    lender: ConnectionRow | undefined,
    errors: FieldError[],
  ): RegisteredAdapter | undefined {
    if (hasErrorAt(errors, '/vendor') || hasErrorAt(errors, '/connectionId')) return undefined;
    if (lender !== undefined && vendor !== undefined && vendor !== lender.vendor) {
      const message = `The connection’s vendor is ${lender.vendor}. Omit the vendor.`;
      errors.push({ pointer: '/vendor', code: 'immutable', message });
      return undefined;
    }
    const name = lender?.vendor ?? vendor;
    const registered = name === undefined ? undefined : this.registry.find(name);
    if (registered === undefined) {
      const code = name === undefined ? 'required' : 'unknown_vendor';
      const what = name === undefined ? 'Vendor is required.' : 'Unknown vendor.';
      const message = `${what} Use one of: ${this.registry.vendors.join(', ')}.`;
      errors.push({ pointer: '/vendor', code, message });
    }
    return registered;
  }

  private async settingsOf(
    { adapter }: RegisteredAdapter,
    lender: ConnectionRow | undefined,
    { settings }: Partial<TestUnsavedConnectionInput>,
    errors: FieldError[],
  ): Promise<ChangedSettings | undefined> {
    if (hasErrorAt(errors, '/settings')) return undefined;
    const result =
      lender === undefined
        ? changeSettings(adapter, undefined, settings ?? {})
        : await this.settings.prepare(lender, settings ?? {});
    if ('instance' in result) return result;
    errors.push(...prefixPointers('/settings', result));
    return undefined;
  }

  private async run(subject: Subject, to: readonly string[] = []): Promise<ConnectionTest> {
    const started = performance.now();
    const elapsed = (): number => Math.round(performance.now() - started);
    const scrub = createScrubber(Object.values(subject.secrets));
    const probe = {
      ...recipientsFor(subject.mode, to, testMessage(subject.name)),
      ...(subject.from === undefined ? {} : { from: subject.from }),
      ...(subject.adapter.capabilities.metadata ? { metadata: { [TEST_METADATA]: 'true' } } : {}),
    };
    let diagnosis: Diagnosis;
    try {
      const answer = await withTimeout(subject.identity.vendor, this.timeoutMs, (signal) =>
        subject.adapter.diagnose(subject.settings, probe, { signal }),
      );
      diagnosis = readDiagnosis(answer);
    } catch (error) {
      diagnosis = failedDiagnosis(error, elapsed());
      this.logger.error(
        scrub(`A test of a ${subject.identity.vendor} connection failed unexpectedly: ${safeMessage(error)}`),
      );
    }
    return { testedAt: new Date(), diagnosis: scrub(diagnosis) };
  }
}

function lenderDetails(lender: ConnectionRow | undefined) {
  if (lender === undefined) return undefined;
  // Without its other senders: one of them may be tested in place of the default one.
  const { name, fromEmail, fromName, allowedSenderDomains, mode, redirectTo } = lender;
  return { name, fromEmail, fromName, allowedSenderDomains, mode, redirectTo };
}

const HINT = 'The test failed because of an internal error. See the service log for details.';

/** The diagnosis for an adapter that threw an error instead of returning one. */
function failedDiagnosis(failure: unknown, durationMs: number): Diagnosis {
  const error = reportedDetails(failure) ?? unexpectedFailure('settings', HINT);
  return {
    ok: false,
    durationMs,
    stages: [{ stage: error.stage, status: 'failed' }],
    checks: { connectivity: 'skipped', authentication: 'skipped', sendPermission: 'skipped', fromAddress: 'skipped' },
    warnings: [],
    error,
  };
}

/**
 * Returns the diagnosis of an adapter as plain data: a scrubber does not read instances of classes.
 * @throws TypeError if it is not a diagnosis, or cannot be written as JSON.
 */
function readDiagnosis(answer: unknown): Diagnosis {
  const plain = JSON.parse(JSON.stringify(answer) ?? 'null') as Partial<Diagnosis> | null;
  if (typeof plain?.ok !== 'boolean' || !Array.isArray(plain.stages))
    throw new TypeError('The adapter did not return a diagnosis.');
  return plain as Diagnosis;
}

/** The test message and its recipients. In the mode `drop`, the connection is tested without sending. */
function recipientsFor(
  effective: EffectiveMode,
  to: readonly string[],
  message: TestMessage,
): TestMessage & { readonly to: readonly string[] } {
  if (to.length === 0 || effective.mode === 'drop') return { ...message, to: [] };
  if (effective.mode === 'live') return { ...message, to };
  return { ...message, to: [effective.redirectTo], subject: redirectedSubject(to, message.subject) };
}

interface TestMessage {
  readonly subject: string;
  readonly text: string;
}

/** Builds the test message, marked so that it is not mistaken for a campaign. */
function testMessage(connectionName: string): TestMessage {
  return {
    subject: `[TEST] ${connectionName}`,
    text: [
      `This is a test message of the connection “${connectionName}” in Score CRM.`,
      '',
      'It arrived, so sending works. No reply needed.',
      '',
    ].join('\n'),
  };
}
