import assert from 'node:assert/strict';
import { contextOf } from './bench/context.ts';
import type { ConformanceCheck } from './conformance-check.ts';
import type { ConformanceSubject } from './conformance-subject.ts';
import { abortChecks } from './sending/abort.ts';
import { capabilitiesChecks } from './sending/capabilities.ts';
import { sendingChecks } from './sending/sending.ts';
import { declaredFieldsChecks } from './settings/declared-fields.ts';
import { secretsChecks } from './settings/secrets.ts';

/**
 * What is to be checked of an adapter. Which rules apply follows from what the adapter declares.
 * @throws TypeError for a subject that cannot be tried out
 */
export function conformanceChecks<S extends object>(subject: ConformanceSubject<S>): readonly ConformanceCheck[] {
  const context = contextOf(subject);
  const checks = [
    ...capabilitiesChecks(context),
    ...declaredFieldsChecks(context),
    ...secretsChecks(context),
    ...sendingChecks(context),
    ...abortChecks(context),
  ];
  const names = checks.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  return checks;
}
