import type { CallOptions, Diagnosis, Probe } from '@score-crm/adapter-kit';
import type { ModelAdapter } from '../model/model.adapter.ts';
import type { ModelSettings } from '../model/model.settings.ts';
import { type Fault, faulty } from './fault.ts';

type Diagnose = ModelAdapter['diagnose'];

function diagnosing(
  diagnose: (right: Diagnose, settings: ModelSettings, probe: Probe, options?: CallOptions) => Promise<Diagnosis>,
) {
  return faulty((adapter) => {
    const right = adapter.diagnose.bind(adapter);
    return { diagnose: (...call: Parameters<Diagnose>) => diagnose(right, ...call) };
  });
}

export const DIAGNOSIS_FAULTS: readonly Fault[] = [
  {
    rule: 'sender-data-returns',
    what: 'sends a test that is not known for one',
    subject: diagnosing((right, settings, { metadata: _left, ...probe }, ...rest) => right(settings, probe, ...rest)),
  },
  {
    rule: 'failures-named',
    what: 'calls a wrong key something else',
    subject: diagnosing(async (right, ...call) => {
      const { error, ...diagnosis } = await right(...call);
      if (error === undefined) return diagnosis;
      return { ...diagnosis, error: error.status === 401 ? { ...error, code: 'unexpected' } : error };
    }),
  },
  {
    rule: 'diagnosis-answers',
    what: 'rejects where nobody answers',
    subject: diagnosing(async (right, ...call) => {
      const diagnosis = await right(...call);
      if (diagnosis.error?.code === 'connection_closed') throw new Error(diagnosis.error.hint);
      return diagnosis;
    }),
  },
  {
    rule: 'diagnosis-answers',
    what: 'passes a test that failed',
    subject: diagnosing(async (right, ...call) => {
      const { error, ...diagnosis } = await right(...call);
      if (error === undefined || error.status === undefined || error.status < 500) {
        return { ...diagnosis, ...(error === undefined ? {} : { error }) };
      }
      return { ...diagnosis, ok: true };
    }),
    alongside: ['failures-named', 'diagnosis-consistent'],
  },
  {
    rule: 'diagnosis-silent',
    what: 'sends a test that nobody asked for',
    subject: diagnosing((right, settings, probe, ...rest) =>
      right(settings, { ...probe, to: probe.to ?? [probe.from?.email ?? ''] }, ...rest),
    ),
  },
  {
    rule: 'diagnosis-consistent',
    what: 'shows a stage as passed at which it failed',
    subject: diagnosing(async (right, ...call) => {
      const diagnosis = await right(...call);
      return { ...diagnosis, stages: diagnosis.stages.map((stage) => ({ ...stage, status: 'passed' as const })) };
    }),
  },
];
