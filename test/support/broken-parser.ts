import { AdapterRegistry } from '@score-crm/connections';
import type { TestService } from './service.ts';

/** Has the parser of SendGrid reject every opened event, as an earlier version might. @returns repairs it */
export function breakParser(...services: readonly TestService[]): () => void {
  const repairs = services.map(({ app }) => {
    const receiver: any = app.get(AdapterRegistry).find('sendgrid')?.adapter.webhooks;
    const { parse } = receiver;
    receiver.parse = (request: unknown) =>
      parse.call(receiver, request).map((item: any) => {
        const isRefused = item.ok && item.event.kind === 'opened';
        return isRefused ? { ok: false, reason: 'Unknown event.', raw: item.event.raw } : item;
      });
    return () => Object.assign(receiver, { parse });
  });
  return () => repairs.forEach((repair) => repair());
}
