import { createScrubber, type Diagnosis, type Mailbox } from '@score-crm/adapter-kit';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { AdapterRegistry, type RegisteredAdapter } from '../adapters/adapter.registry.ts';
import { withTimeout } from '../adapters/with-timeout.ts';
import type { Caller } from '../caller.ts';
import { readDetails, splitInput } from '../connections/connection-input.ts';
import { ConnectionLoader } from '../connections/connection-loader.ts';
import { defaultSender } from '../connections/default-sender.ts';
import { ConnectionNotFoundError, InvalidInputError, prefixPointers } from '../connections/errors.ts';
import { lastTestOf, UnsavedTests } from '../connections/unsaved-tests.ts';
import { changeSettings } from '../connections/settings-change.ts';
import { MODULE_OPTIONS_TOKEN } from '../connections.module-definition.ts';
import type { ConnectionsModuleOptions } from '../connections.module-options.ts';
import { TEST_METADATA } from '../events/event-attribution.ts';
import { AuditRepository } from '../persistence/audit.repository.ts';
import { ConnectionTestsRepository } from '../persistence/connection-tests.repository.ts';
import { UnitOfWork } from '../persistence/unit-of-work.ts';
import type { Secrets } from '../secrets/secret-cipher.ts';
import { failedDiagnosis } from './failed-diagnosis.ts';
import { readDiagnosis } from './read-diagnosis.ts';
import { readRecipients } from './test-input.ts';
import { testMessage } from './test-message.ts';
import { safeMessage } from '../safe-message.ts';

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
}

const DEFAULT_TIMEOUT_MS = 15_000;
/** What the audit calls a connection that is not stored. */
const UNSAVED = 'unsaved';

/** Tests connections, stored ones and those that somebody is about to store. */
@Injectable()
export class ConnectionTester {
  private readonly logger = new Logger(ConnectionTester.name);
  private readonly timeoutMs: number;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly registry: AdapterRegistry,
    private readonly loader: ConnectionLoader,
    private readonly unitOfWork: UnitOfWork,
    private readonly tests: ConnectionTestsRepository,
    private readonly audit: AuditRepository,
    private readonly unsavedTests: UnsavedTests,
  ) {
    this.timeoutMs = options.testTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /**
   * Tests a stored connection and keeps the result.
   * @param to up to ten recipients of a test message, as somebody sent them; none: nothing is sent.
   * @throws ConnectionNotFoundError, InvalidInputError, SecretsUnreadableError
   */
  async test(caller: Caller, id: string, to?: unknown): Promise<ConnectionTest> {
    const recipients = readRecipients(to);
    const open = await this.loader.open(caller.organization, id);
    const { row } = open;
    const subject = { ...open, name: row.name, from: defaultSender(row) };
    const test = await this.run(subject, recipients);
    const lastTest = lastTestOf(test);
    await this.unitOfWork.write(async (tx) => {
      const kept = await this.tests.add(
        tx,
        { id: uuid(), connectionId: row.id, actor: caller.actor, ...test },
        lastTest,
        row.version,
      );
      if (kept) await this.audit.record(tx, caller, 'connection.test', row.id);
    });
    return test;
  }

  /**
   * Tests values that are not stored. Where `connectionId` is given, they are changes to that connection, whose stored
   * secrets are lent as long as nothing changes that decides where they are sent.
   * @param input `{ vendor | connectionId, settings, name?, fromEmail?, fromName?, allowedSenderDomains?, to? }` as it was sent.
   * @throws ConnectionNotFoundError, InvalidInputError, SecretsUnreadableError
   */
  async testUnsaved(caller: Caller, input: unknown): Promise<UnsavedConnectionTest> {
    const { details, rest } = splitInput(input, ['vendor', 'settings', 'to', 'connectionId']);
    const recipients = readRecipients(rest['to']);
    const lender = await this.lender(caller, rest);
    const vendor = lender?.vendor ?? rest['vendor'];
    const registered = typeof vendor === 'string' ? this.registry.find(vendor) : undefined;
    if (registered === undefined) {
      const message = `Name the vendor: one of ${this.registry.vendors.join(', ')}.`;
      throw new InvalidInputError([{ pointer: '/vendor', code: 'unknown_vendor', message }]);
    }
    const own =
      lender === undefined
        ? {}
        : {
            name: lender.name,
            fromEmail: lender.fromEmail,
            fromName: lender.fromName,
            allowedSenderDomains: lender.allowedSenderDomains,
          };
    const checked = readDetails({ name: 'Unsaved connection', ...own, ...details });
    const changed =
      lender === undefined
        ? changeSettings(registered.adapter, undefined, rest['settings'])
        : await this.loader.changeStored(lender, rest['settings'] ?? {});
    if (!('name' in checked) || !('instance' in changed)) {
      throw new InvalidInputError([
        ...('name' in checked ? [] : checked),
        ...('instance' in changed ? [] : prefixPointers('/settings', changed)),
      ]);
    }
    await this.unitOfWork.write((tx) => this.audit.record(tx, caller, 'connection.test', lender?.id ?? UNSAVED));
    const test = await this.run(
      {
        ...registered,
        name: checked.name,
        from: defaultSender(checked),
        settings: changed.instance,
        secrets: changed.secrets,
      },
      recipients,
    );
    const tested = {
      vendor: registered.identity.vendor,
      settings: changed.instance,
      fromEmail: checked.fromEmail ?? null,
      fromName: checked.fromName ?? null,
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

  private async lender(caller: Caller, rest: Readonly<Record<string, unknown>>) {
    const { connectionId, vendor } = rest;
    if (connectionId === undefined) return undefined;
    if (typeof connectionId !== 'string') throw new ConnectionNotFoundError();
    const row = await this.loader.row(caller.organization, connectionId);
    if (vendor !== undefined && vendor !== row.vendor) {
      const message = `The connection that lends its secrets is one of ${row.vendor}. Leave the vendor out.`;
      throw new InvalidInputError([{ pointer: '/vendor', code: 'immutable', message }]);
    }
    return row;
  }

  private async run(subject: Subject, to: readonly string[]): Promise<ConnectionTest> {
    const started = performance.now();
    const elapsed = (): number => Math.round(performance.now() - started);
    const scrub = createScrubber(Object.values(subject.secrets));
    const probe = {
      to,
      ...testMessage(subject.name),
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
