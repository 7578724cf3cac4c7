import { conformanceChecks } from '@score-crm/adapter-kit/testing';
import { SUBJECTS } from './model/subjects.ts';

describe.each(Object.entries(SUBJECTS))('a complete adapter with webhook authentication by %s', (_proof, subject) => {
  for (const { name, run, timeoutMs } of conformanceChecks(subject)) it(name, run, timeoutMs);
});
