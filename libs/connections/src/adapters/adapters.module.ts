import { HttpClient, OutboundConnector, OutboundPolicy, VendorEndpoints } from '@score-crm/adapter-kit';
import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { AdapterRegistry } from './adapter.registry.ts';

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

@Module({ imports: [DiscoveryModule], providers: [AdapterRegistry], exports: [AdapterRegistry] })
export class AdaptersModule {}
