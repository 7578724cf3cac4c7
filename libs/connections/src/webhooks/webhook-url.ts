import type { ConnectionsModuleOptions } from '../connections.module-options.ts';

/** The connection's webhook URL, without a query; undefined if `webhookBaseUrl` is not set. */
export function webhookUrl(
  { webhookBaseUrl }: Pick<ConnectionsModuleOptions, 'webhookBaseUrl'>,
  { vendor, id }: { readonly vendor: string; readonly id: string },
): string | undefined {
  return webhookBaseUrl === undefined ? undefined : `${webhookBaseUrl.replace(/\/+$/, '')}/${vendor}/${id}`;
}
