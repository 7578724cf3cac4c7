import type { Type } from '@nestjs/common';
import { HttpClient } from '../../http/http-client.ts';
import { OutboundConnector } from '../../outbound/outbound-connector.ts';
import { OutboundPolicy } from '../../outbound/outbound-policy.ts';
import { VendorEndpoints } from '../../outbound/vendor-endpoints.ts';

/** The services that the application provides to adapters. */
export interface AdapterServices {
  readonly http: HttpClient;
  readonly connector: OutboundConnector;
  readonly endpoints: VendorEndpoints;
}

export const LOOPBACK = new OutboundPolicy({ allowLoopback: true });

/** @throws TypeError if the constructor requests something that the application does not provide */
export function makeAdapter<A>(type: Type<A>, { http, connector, endpoints }: AdapterServices): A {
  const provided = new Map<unknown, unknown>([
    [HttpClient, http],
    [OutboundConnector, connector],
    [OutboundPolicy, LOOPBACK],
    [VendorEndpoints, endpoints],
  ]);
  const wanted = wantedBy(type);
  for (const token of wanted) {
    if (provided.has(token)) continue;
    const name = typeof token === 'function' ? token.name : String(token);
    throw new TypeError(
      `The constructor of ${type.name} requests ${name}. Adapters can inject HttpClient, VendorEndpoints, OutboundConnector and OutboundPolicy of this copy of the kit, imported as values.`,
    );
  }
  return new type(...wanted.map((token) => provided.get(token)));
}

/** Whether the adapter uses HTTP, that is, injects the client. */
export function speaksHttp(type: Type): boolean {
  return wantedBy(type).includes(HttpClient);
}

function wantedBy(type: Type): readonly unknown[] {
  return (Reflect.getMetadata('design:paramtypes', type) as readonly unknown[] | undefined) ?? [];
}
