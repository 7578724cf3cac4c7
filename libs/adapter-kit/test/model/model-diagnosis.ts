import {
  accountCallError,
  type CallOptions,
  type Diagnosis,
  type Probe,
  runDiagnosis,
  type SendResult,
  testMessage,
} from '@score-crm/adapter-kit';
import type { ModelAdapter } from './model.adapter.ts';
import type { ModelSettings } from './model.settings.ts';

export function diagnose(
  { api, ...adapter }: { readonly api: ModelAdapter['api']; readonly send: ModelAdapter['send'] },
  settings: ModelSettings,
  probe: Probe,
  options: CallOptions,
): Promise<Diagnosis> {
  return runDiagnosis(settings, options, async (report, signal): Promise<SendResult | undefined> => {
    try {
      await api.call(settings, 'GET', '/v1/account', undefined, { signal });
    } catch (error) {
      const failure = accountCallError(error);
      if (failure.details.status !== undefined) report.connected(api.baseUrl(settings));
      throw failure;
    }
    report.connected(api.baseUrl(settings));
    report.authenticated();
    if (probe.to === undefined || probe.to.length === 0) return undefined;
    const sent = await adapter.send(testMessage(probe, 'Model Mail'), settings, { signal });
    report.sent();
    return sent;
  });
}
