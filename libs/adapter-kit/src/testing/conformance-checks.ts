import assert from 'node:assert/strict';
import { type Context, contextOf, type WebhookContext } from './bench/context.ts';
import type { ConformanceCheck, ConformanceSubject } from './bench/conformance-rules.ts';
import { diagnosesChecks } from './diagnosis/diagnoses.ts';
import { failuresChecks, oddAnswersChecks } from './errors/failures.ts';
import { secrecyChecks } from './errors/secrecy.ts';
import { statusesChecks } from './errors/statuses.ts';
import { messageEventsChecks } from './registration/message-events.ts';
import { registrationsChecks } from './registration/registrations.ts';
import { abortChecks } from './sending/abort.ts';
import { batchEventsChecks, sendingBatchesChecks } from './sending/sending-batches.ts';
import { capabilitiesChecks } from './sending/capabilities.ts';
import { hostileValuesChecks } from './sending/hostile-values.ts';
import { messageFormsChecks, sendingChecks } from './sending/sending.ts';
import { declaredFieldsChecks } from './settings/declared-fields.ts';
import { secretsChecks } from './settings/secrets.ts';
import { batchesChecks } from './webhooks/batches.ts';
import { setupInstructionsChecks } from './webhooks/setup-instructions.ts';
import { deduplicationKeysChecks } from './webhooks/deduplication-keys.ts';
import { parsingChecks, readingChecks } from './webhooks/parsing.ts';
import { samplesChecks } from './webhooks/samples.ts';
import { authenticationChecks } from './webhooks/authentication.ts';

/**
 * Returns the checks for an adapter. Which rules apply depends on what the adapter declares.
 * @throws TypeError for a subject that cannot be tested
 */
export function conformanceChecks<S extends object>(subject: ConformanceSubject<S>): readonly ConformanceCheck[] {
  const context = contextOf(subject);
  const checks = [
    ...capabilitiesChecks(context),
    ...declaredFieldsChecks(context),
    ...secretsChecks(context),
    ...sendingChecks(context),
    ...hostileValuesChecks(context),
    ...messageFormsChecks(context),
    ...sendingBatchesChecks(context),
    ...abortChecks(context),
    ...(context.http ? statusesChecks(context) : []),
    ...oddAnswersChecks(context),
    ...failuresChecks(context),
    ...secrecyChecks(context),
    ...diagnosesChecks(context),
    ...(context.webhook === undefined ? [] : webhookChecks(context, context.webhook)),
  ];
  const names = checks.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names, 'Two fixtures have the same name.');
  return checks;
}

function webhookChecks(context: Context, webhook: WebhookContext): readonly ConformanceCheck[] {
  return [
    ...readingChecks(context, webhook),
    ...batchesChecks(context, webhook),
    ...parsingChecks(context, webhook),
    ...deduplicationKeysChecks(webhook),
    ...authenticationChecks(context, webhook),
    ...samplesChecks(context, webhook),
    ...setupInstructionsChecks(context, webhook),
    ...registrationsChecks(context, webhook),
    ...messageEventsChecks(context, webhook),
    ...batchEventsChecks(context, webhook),
  ];
}
