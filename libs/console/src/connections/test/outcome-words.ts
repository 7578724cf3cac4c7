import type { CheckStatus, Diagnosis } from '../../api/types.ts';

type Stage = Diagnosis['stages'][number]['stage'];

const ORDER: readonly Stage[] = ['settings', 'connect', 'tls', 'authenticate', 'sender', 'recipient', 'message'];

/** Passed, failed, not run because an earlier stage failed, or skipped because it is not part of this test. */
export function outcomeInWords(status: CheckStatus, stage: Stage, { stages }: Diagnosis): string {
  if (status !== 'skipped') return status === 'passed' ? 'Passed' : 'Failed';
  const failed = stages.find((each) => each.status === 'failed');
  return failed !== undefined && ORDER.indexOf(stage) >= ORDER.indexOf(failed.stage) ? 'Not run' : 'Skipped';
}
