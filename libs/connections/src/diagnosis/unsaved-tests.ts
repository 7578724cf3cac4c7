import { declaredFields, type Diagnosis } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import type { Caller } from '../audit/caller.ts';
import type { ConnectionRow, LastTest } from '../connections/connection-row.ts';
import type { EarlierTests } from '../connections/ports.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import { SecretCipher } from '../secrets/secret-cipher.ts';
import { ConnectionTestsRepository } from './connection-tests.repository.ts';
import { UnsavedTestsRepository } from './unsaved-tests.repository.ts';

/** What decides whether two tests have the same outcome. */
export interface TestedValues {
  readonly vendor: string;
  /** An instance of the vendor's settings class, with its secrets. */
  readonly settings: object;
  readonly fromEmail: string | null;
  readonly fromName: string | null;
}

const VALID_MS = 60 * 60 * 1000;
const TEST_ID = /^[0-9a-f-]{36}$/;

/**
 * Tests of values that are not saved yet. Saving the same values within an hour adopts the test, so that the connection does
 * not appear as untested. The values themselves are not stored, only a keyed digest of them.
 */
@Injectable()
export class UnsavedTests implements EarlierTests {
  constructor(
    private readonly registry: AdapterRegistry,
    private readonly cipher: SecretCipher,
    private readonly unsaved: UnsavedTestsRepository,
    private readonly tests: ConnectionTestsRepository,
  ) {}

  /** @returns the `testId` for `adopt` */
  async keep(
    tx: Transaction,
    caller: Caller,
    values: TestedValues,
    test: { readonly testedAt: Date; readonly diagnosis: Diagnosis },
  ): Promise<string> {
    const { organization, actor } = caller;
    const row = { id: uuid(), organization, actor, digest: this.digestOf(organization, values), ...test };
    await this.deleteExpired(tx);
    await this.unsaved.add(tx, row);
    return row.id;
  }

  async adopt(tx: Transaction, testId: string, row: ConnectionRow, settings: object): Promise<LastTest | null> {
    if (!TEST_ID.test(testId)) return null;
    const { organization, vendor, fromEmail, fromName } = row;
    const digest = this.digestOf(organization, { vendor, settings, fromEmail, fromName });
    const found = await this.unsaved.take(tx, { id: testId, organization, digest }, validSince());
    if (found === null) return null;
    const { actor, testedAt, diagnosis } = found;
    await this.tests.add(tx, { id: uuid(), connectionId: row.id, actor, testedAt, diagnosis });
    return lastTestOf({ testedAt, diagnosis });
  }

  /** Deletes the tests of all organizations that can no longer be adopted: they name recipients. */
  async deleteExpired(tx: Transaction, now?: Date): Promise<void> {
    await this.unsaved.deleteBefore(tx, validSince(now));
  }

  /** Deletes all tests of an organization: they name recipients, and are kept for an hour only. @returns how many */
  async deleteAll(tx: Transaction, organization: string): Promise<number> {
    return this.unsaved.deleteAll(tx, organization);
  }

  private digestOf(organization: string, { vendor, settings, fromEmail, fromName }: TestedValues): string {
    const values = settings as Readonly<Record<string, unknown>>;
    // Fields for incoming webhooks do not take part in a test, and generated ones differ each time.
    const tested = declaredFields(this.registry.get(vendor).adapter.settings)
      .filter((field) => field.inboundOnly !== true)
      .map(({ name }) => [name, values[name] ?? null]);
    return this.cipher.digest(JSON.stringify([organization, vendor, fromEmail, fromName, tested]));
  }
}

export function lastTestOf(test: { readonly testedAt: Date; readonly diagnosis: Diagnosis }): LastTest {
  const { ok, error } = test.diagnosis;
  return {
    testedAt: test.testedAt.toISOString(),
    ok,
    ...(error === undefined ? {} : { code: error.code, fault: error.fault }),
  };
}

function validSince(now = new Date()): Date {
  return new Date(now.getTime() - VALID_MS);
}
