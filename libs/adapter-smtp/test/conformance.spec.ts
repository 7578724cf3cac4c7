import { describe, it } from '@jest/globals';
import { conformanceChecks } from '@score-crm/adapter-kit/testing';
import { SmtpAdapter } from '@score-crm/adapter-smtp';
import { startSandbox } from '../sandbox/index.ts';

const checks = conformanceChecks({ adapter: SmtpAdapter, startSandbox });

describe('generic SMTP', () => {
  for (const { name, run, timeoutMs } of checks) it(name, run, timeoutMs);
});
