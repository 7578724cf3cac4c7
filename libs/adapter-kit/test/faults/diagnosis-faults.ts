import { type CallOptions, type Diagnosis, type Probe, textOf } from '@score-crm/adapter-kit';
import type { ModelAdapter } from '../model/model.adapter.ts';
import { ModelSettings } from '../model/model.settings.ts';
import { type Fault, faulty } from './fault.ts';

type Diagnose = ModelAdapter['diagnose'];

function diagnosing(
  diagnose: (original: Diagnose, settings: ModelSettings, probe: Probe, options?: CallOptions) => Promise<Diagnosis>,
) {
  return faulty((adapter) => {
    const original = adapter.diagnose.bind(adapter);
    return { diagnose: (...call: Parameters<Diagnose>) => diagnose(original, ...call) };
  });
}

export const DIAGNOSIS_FAULTS: readonly Fault[] = [
  {
    rule: 'sender-data-returns',
    what: 'sends a test message that cannot be recognized',
    subject: diagnosing((original, settings, { metadata: _left, ...probe }, ...rest) =>
      original(settings, probe, ...rest),
    ),
  },
  {
    rule: 'failures-named',
    what: 'reports a wrong key under another code',
    subject: diagnosing(async (original, ...call) => {
      const { error, ...diagnosis } = await original(...call);
      if (error === undefined) return diagnosis;
      return { ...diagnosis, error: error.status === 401 ? { ...error, code: 'unexpected' } : error };
    }),
  },
  {
    rule: 'diagnosis-answers',
    what: 'rejects if the vendor does not respond',
    subject: diagnosing(async (original, ...call) => {
      const diagnosis = await original(...call);
      if (diagnosis.error?.code === 'connection_closed') throw new Error(diagnosis.error.hint);
      return diagnosis;
    }),
  },
  {
    rule: 'diagnosis-answers',
    what: 'passes a failed test',
    subject: diagnosing(async (original, ...call) => {
      const { error, ...diagnosis } = await original(...call);
      if (error === undefined || error.status === undefined || error.status < 500) {
        return { ...diagnosis, ...(error === undefined ? {} : { error }) };
      }
      return { ...diagnosis, ok: true };
    }),
    alongside: ['failures-named', 'diagnosis-consistent'],
  },
  {
    rule: 'diagnosis-silent',
    what: 'sends a test message that was not requested',
    subject: diagnosing((original, settings, probe, ...rest) =>
      original(settings, { ...probe, to: probe.to ?? [probe.from?.email ?? ''] }, ...rest),
    ),
  },
  {
    rule: 'no-secret-disclosed',
    what: 'shows a text of the vendor in a test that passed',
    subject: faulty((adapter) => {
      const original = adapter.diagnose.bind(adapter);
      return {
        diagnose: async (...[settings, probe, options = {}]: Parameters<Diagnose>) => {
          const diagnosis = await original(settings, probe, options);
          if (!diagnosis.ok) return diagnosis;
          const call = { method: 'GET', path: '/v1/account', signal: options.signal } as const;
          const detail = textOf(await adapter.api.object(settings, call), 'name') ?? '';
          return { ...diagnosis, stages: diagnosis.stages.map((stage) => ({ ...stage, detail })) };
        },
      };
    }),
  },
  {
    rule: 'inbound-only',
    what: 'cannot test an account without the webhook secret',
    subject: diagnosing((original, settings, ...rest) => {
      const apiKey = settings.webhookSecret === undefined ? 'of-no-use' : settings.apiKey;
      return original(Object.assign(new ModelSettings(), settings, { apiKey }), ...rest);
    }),
  },
  {
    rule: 'diagnosis-consistent',
    what: 'shows the failed stage as passed',
    subject: diagnosing(async (original, ...call) => {
      const diagnosis = await original(...call);
      return { ...diagnosis, stages: diagnosis.stages.map((stage) => ({ ...stage, status: 'passed' as const })) };
    }),
  },
];
