import { HttpClient, OutboundConnector, OutboundPolicy, VendorEndpoints } from '@score-crm/adapter-kit';
import { Global, Module } from '@nestjs/common';
import { MODULE_OPTIONS_TOKEN } from '../connections.module-definition.ts';
import type { ConnectionsModuleOptions } from '../connections.module-options.ts';

const POLICY = {
  provide: OutboundPolicy,
  inject: [MODULE_OPTIONS_TOKEN],
  useFactory: ({ outbound, vendorEndpoints = {} }: ConnectionsModuleOptions) =>
    new OutboundPolicy({ endpoints: Object.values(vendorEndpoints), ...outbound }),
};
const ENDPOINTS = {
  provide: VendorEndpoints,
  inject: [MODULE_OPTIONS_TOKEN],
  useFactory: (options: ConnectionsModuleOptions) => new VendorEndpoints(options.vendorEndpoints),
};

/** How adapters reach their vendors. Global, since adapters may be providers of any module. */
@Global()
@Module({
  providers: [POLICY, ENDPOINTS, HttpClient, OutboundConnector],
  exports: [OutboundPolicy, VendorEndpoints, HttpClient, OutboundConnector],
})
export class OutboundModule {}
